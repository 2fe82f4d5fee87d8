#include "CLI/CLI.hpp"
#include "services/masactl/positive_count.h"
#include "services/masactl/registry_commands.h"

namespace masa::masactl {
namespace {

using Choose = std::function<void(RegistryCommand)>;

CLI::App* Word(CLI::App& device, const char* name, const char* what,
               RegistryCommand command, const Choose& choose) {
  auto* word = device.add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

constexpr char kSetting[] =
    "COLUMN=VALUE, as in CSV; of labels all that there are: "
    "labels=name=value;name=value";

void AddListing(CLI::App* word, RegistryArguments& a) {
  word->add_option("--organization", a.organization,
                   "of this customer; all when absent");
  word->add_option("--group", a.group, "placed in this group");
  word->add_option("--filter", a.filter,
                   "state = BLOCKED AND product = P AND model = M AND "
                   "owned = false AND labels.NAME = \"VALUE\"");
  word->add_flag("--deleted", a.deleted, "also those that are deleted");
}

CLI::App* AddChange(CLI::App* word, RegistryArguments& a) {
  word->add_option("SERIAL", a.serial)->required();
  word->add_option("--etag", a.etag, "only while the device is this one");
  word->add_flag("--check", a.check, "change nothing");
  return word;
}

void AddPlace(CLI::App* word, RegistryArguments& a) {
  word->add_option("SERIAL", a.serials)->required();
  word->add_option("--group", a.group,
                   "the customer's own id: out of the group where they are")
      ->required();
  word->add_flag("--check,--validate-only", a.check, "change nothing");
}

}  // namespace

void AddRegistryWords(CLI::App& device, RegistryArguments& a,
                      const Choose& choose) {
  auto* list = Word(device, "list", "devices, one a line", ListDevices, choose);
  AddListing(list, a);
  list->add_option("--limit", a.limit, "at most so many")
      ->check(PositiveCount());
  auto* exported = Word(device, "export", "devices as `import` reads them",
                        ExportDevices, choose);
  AddListing(exported, a);
  exported->add_option("--out", a.out_file,
                       "a file; standard output when "
                       "absent");
  auto* create = Word(device, "create", "one new device", CreateDevice, choose);
  create->add_option("SERIAL", a.serial)->required();
  create->add_option("--product", a.product)->required();
  create->add_option("--organization", a.organization, "its owner");
  create->add_option("--set", a.settings, kSetting);
  create->add_flag("--check", a.check, "change nothing");
  AddChange(Word(device, "update", "what is on record", UpdateDevice, choose),
            a)
      ->add_option("--set", a.settings, kSetting)
      ->required();
  AddChange(Word(device, "state", "another state", SetDeviceState, choose), a)
      ->add_option("STATE", a.state,
                   "MANUFACTURED, ALLOCATED, CLAIMED, RETURNED, "
                   "BLOCKED or SCRAPPED")
      ->required();
  AddPlace(Word(device, "place", "into a group of their owner", PlaceDevices,
                choose),
           a);
  AddChange(Word(device, "delete", "unknown from now on", DeleteDevice, choose),
            a);
  AddChange(Word(device, "undelete", "bring it back", UndeleteDevice, choose),
            a);
}

}  // namespace masa::masactl
