#include "services/masactl/command_line.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "CLI/CLI.hpp"
#include "services/masactl/admin_commands.h"
#include "services/masactl/audit_commands.h"
#include "services/masactl/certificate_commands.h"
#include "services/masactl/completion.h"
#include "services/masactl/escrow_commands.h"
#include "services/masactl/group_commands.h"
#include "services/masactl/job_commands.h"
#include "services/masactl/key_commands.h"
#include "services/masactl/ownership_commands.h"
#include "services/masactl/registry_commands.h"
#include "services/masactl/shown.h"
#include "services/masactl/transfer_commands.h"
#include "services/masactl/version.h"
#include "services/masactl/voucher_commands.h"
#include "services/wire/utf8.h"

namespace masa::masactl {
namespace {

using Command = std::function<absl::StatusOr<int>()>;

// All words, with what they fill. Lives while CLI11 parses.
struct Words {
  CommonOptions common;
  ImportArguments import_from;
  VoucherArguments voucher;
  GroupArguments group;
  RegistryArguments registry;
  TransferArguments transfer;
  JobArguments job;
  EscrowArguments escrow;
  OwnershipArguments ownership;
  KeyArguments key;
  CertificateArguments certificate;
  AuditArguments audit;
  AdminArguments admin;
  std::string serial;
  std::string event_id;
  std::string domain_cert_file;
  std::vector<std::string> serials;
  std::string organization;
  std::string product;
  std::string file;
  std::string note;
  std::string method;
  std::string shell;
  std::string user;
  bool lift = false;
  bool check = false;
  Command chosen;
};

// Chooses a command with the arguments that its words fill.
template <typename Command, typename Arguments>
std::function<void(Command)> ChoiceOf(Words& words, const Arguments& arguments,
                                      Terminal terminal) {
  return [&words, &arguments, terminal](Command command) {
    words.chosen = [&words, &arguments, terminal, command] {
      return command(words.common, arguments, terminal);
    };
  };
}

void AddCommon(CLI::App& app, CommonOptions& common) {
  app.add_option("--server", common.server, "HOST:PORT of the service")
      ->envname("MASA_SERVER");
  app.add_option("--server-name", common.server_name,
                 "what its certificate names, where that is another host: "
                 "behind a port that is forwarded");
  app.add_option("--ca", common.ca_file, "root of its certificate, PEM")
      ->envname("MASA_CA");
  app.add_option("--cert", common.cert_file, "your certificate, PEM")
      ->envname("MASA_CERT");
  app.add_option("--key", common.key_file, "your key, PEM")
      ->envname("MASA_KEY");
  app.add_option("--token-file", common.token_file,
                 "file with your OpenID token, beside or instead of a "
                 "certificate")
      ->envname("MASA_TOKEN_FILE");
  app.add_option("--idevid-issuer", common.idevid_issuer_hex,
                 "key identifier of the IDevID's issuer, hexadecimal, where "
                 "a serial number is not unique");
  app.add_flag("--json", common.json, "print JSON");
  app.fallthrough();
}

CLI::App* Group(CLI::App& app, const char* name, const char* what) {
  return app.add_subcommand(name, what)->require_subcommand(1)->fallthrough();
}

void AddImport(CLI::App* device, Words& words, Terminal terminal) {
  // `import` is a word of C++ to the formatter.
  auto* read = device->add_subcommand("import", "read devices from CSV");
  read->add_option("FILE", words.import_from.file,
                   "CSV in UTF-8 with a header line; in the column labels "
                   "name=value;name=value")
      ->required();
  read->add_option("--on-conflict", words.import_from.on_conflict,
                   "what to do with a device that exists; fail when absent; "
                   "update writes what the file says, the owner too, but "
                   "lifts no block")
      ->check(CLI::IsMember({"skip", "fail", "update"}));
  read->add_option("--import-id", words.import_from.import_id,
                   "goes on with this import, which has not ended; made from "
                   "the file when absent");
  read->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return ImportDevices(words.common, words.import_from, terminal);
    };
  });
}

void AddDevice(CLI::App& app, Words& words, Terminal terminal) {
  CLI::App* device = Group(app, "device", "the device registry");
  AddImport(device, words, terminal);
  auto* get = device->add_subcommand("get", "state, owner, last vouchers");
  get->add_option("SERIAL", words.serial)->required();
  get->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return GetDevice(words.common, words.serial, terminal);
    };
  });
  auto* assign = device->add_subcommand("assign", "make someone the owner");
  assign->add_option("SERIAL", words.serials)->required();
  assign->add_option("--organization", words.organization)->required();
  assign->add_flag("--check", words.check, "check only");
  assign->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return AssignDevices(words.common, words.serials, words.organization,
                           words.check, terminal);
    };
  });
  auto* block = device->add_subcommand(
      "block", "no vouchers for these devices from now on");
  block->add_option("SERIAL", words.serials)->required();
  block->add_flag("--lift", words.lift, "serve them again");
  block->add_flag("--check", words.check, "check only");
  block->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return BlockDevices(words.common, words.serials, words.lift, words.check,
                          terminal);
    };
  });
  AddRegistryWords(*device, words.registry,
                   ChoiceOf<RegistryCommand>(words, words.registry, terminal));
}

void AddProduct(CLI::App& app, Words& words, Terminal terminal) {
  CLI::App* product = Group(app, "product", "what devices understand");
  product->add_subcommand("list", "all products")
      ->fallthrough()
      ->callback([&words, terminal] {
        words.chosen = [&words, terminal] {
          return ListProducts(words.common, terminal);
        };
      });
  auto* get = product->add_subcommand("get", "one product, as `set` takes it");
  get->add_option("PRODUCT", words.product)->required();
  get->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return GetProduct(words.common, words.product, terminal);
    };
  });
  auto* set = product->add_subcommand("set", "make or replace a product");
  set->add_option("FILE", words.file, "YAML or JSON")->required();
  set->add_flag("--check", words.check, "check only");
  set->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return SetProduct(words.common, words.file, words.check, terminal);
    };
  });
}

void AddRegistrarAuth(CLI::App* tenant, Words& words, Terminal terminal) {
  auto* authentication = tenant->add_subcommand(
      "registrar-auth", "what a customer's registrars show");
  authentication->add_option("--organization", words.organization)->required();
  authentication->add_option("METHOD", words.method)
      ->required()
      ->check(CLI::IsMember({"signature", "tls", "basic"}));
  authentication->add_option("--user", words.user, "for basic");
  authentication->add_option("--password-file", words.file,
                             "at least 16 octets, the last line end apart");
  authentication->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return SetRegistrarAuth(words.common, words.organization, words.method,
                              words.user, words.file, terminal);
    };
  });
}

void AddEndlessVouchers(CLI::App* tenant, Words& words, Terminal terminal) {
  auto* endless = tenant->add_subcommand(
      "endless-vouchers", "a customer may have vouchers that never end");
  endless->add_option("--organization", words.organization)->required();
  endless->add_flag("--refuse", words.lift, "it may not any more");
  endless->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return SetEndlessVouchers(words.common, words.organization, words.lift,
                                terminal);
    };
  });
}

void AddTenant(CLI::App& app, Words& words, Terminal terminal) {
  CLI::App* tenant = Group(app, "tenant", "the manufacturer itself");
  tenant->add_subcommand("get", "as `set` takes it")
      ->fallthrough()
      ->callback([&words, terminal] {
        words.chosen = [&words, terminal] {
          return GetTenant(words.common, terminal);
        };
      });
  auto* set = tenant->add_subcommand("set", "replace what may be changed");
  set->add_option("FILE", words.file, "YAML or JSON")->required();
  set->add_flag("--check", words.check, "check only");
  set->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return SetTenant(words.common, words.file, words.check, terminal);
    };
  });
  auto* block = tenant->add_subcommand(
      "block-domain", "no vouchers for this domain from now on");
  block
      ->add_option("CERT", words.domain_cert_file,
                   "certificate of the domain, PEM or DER")
      ->required();
  block->add_option("--note", words.note, "for operators");
  block->add_flag("--lift", words.lift, "serve it again");
  block->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return BlockDomain(words.common, words.domain_cert_file, words.note,
                         words.lift, terminal);
    };
  });
  AddRegistrarAuth(tenant, words, terminal);
  AddEndlessVouchers(tenant, words, terminal);
}

void AddOwner(CLI::App& app, Words& words, Terminal terminal) {
  CLI::App* owner = Group(app, "ownership", "who owns what");
  owner->alias("owner");
  auto* resolve = owner->add_subcommand(
      "resolve", "the owner, and what a domain would be answered");
  resolve->add_option("SERIAL", words.serial)->required();
  resolve->add_option("--registrar,--domain-cert", words.domain_cert_file,
                      "certificate of the registrar's domain, PEM or DER");
  resolve->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal] {
      return ResolveOwner(words.common, words.serial, words.domain_cert_file,
                          terminal);
    };
  });
}

void AddAudit(CLI::App& app, Words& words, Terminal terminal) {
  CLI::App* audit = Group(app, "audit", "the audit log");
  auto* show = audit->add_subcommand(
      "show", "one event, or the vouchers issued for a device");
  show->add_option("SERIAL", words.serial, "the device's serial number");
  show->add_option("--event", words.event_id, "the event's id");
  show->fallthrough()->callback([&words, terminal] {
    words.chosen = [&words, terminal]() -> absl::StatusOr<int> {
      if (words.serial.empty() == words.event_id.empty()) {
        return absl::InvalidArgumentError("give one of SERIAL and --event");
      }
      return words.event_id.empty()
                 ? ShowAudit(words.common, words.serial, terminal)
                 : ShowEvent(words.common, words.event_id, terminal);
    };
  });
  AddAuditWords(app, words.audit,
                ChoiceOf<AuditCommand>(words, words.audit, terminal));
}

void AddCompletion(CLI::App& app, Words& words, Terminal terminal) {
  auto* completion = app.add_subcommand(
      "completion", "a script that completes these words in your shell");
  completion->add_option("SHELL", words.shell)
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  completion->callback([&app, &words, terminal] {
    words.chosen = [&app, &words, terminal]() -> absl::StatusOr<int> {
      terminal.out << CompletionScript(app, words.shell);
      return 0;
    };
  });
}

// Words that have files of their own.
void AddOtherWords(CLI::App& app, Words& words, Terminal terminal) {
  AddVoucherWords(app, words.voucher,
                  ChoiceOf<VoucherCommand>(words, words.voucher, terminal));
  AddGroupWords(app, words.group,
                ChoiceOf<GroupCommand>(words, words.group, terminal));
  AddTransferWords(app, words.transfer,
                   ChoiceOf<TransferCommand>(words, words.transfer, terminal));
  AddJobWords(app, words.job, ChoiceOf<JobCommand>(words, words.job, terminal));
  AddEscrowWords(app, words.escrow,
                 ChoiceOf<EscrowCommand>(words, words.escrow, terminal));
  AddAdminWords(app, words.admin,
                ChoiceOf<AdminCommand>(words, words.admin, terminal));
  AddKeyWords(app, words.key, ChoiceOf<KeyCommand>(words, words.key, terminal));
  AddCertificateWords(
      app, words.certificate,
      ChoiceOf<CertificateCommand>(words, words.certificate, terminal));
  AddOwnershipWords(app, words.ownership, [&words, terminal] {
    words.chosen = [&words, terminal] {
      return WatchOwnership(words.common, words.ownership, terminal);
    };
  });
}

// Whether help was asked for, or words are missing, behind a word that is none:
// what CLI11 says then is about the words before it.
bool IsAboutOtherWords(const CLI::ParseError& error) {
  return error.get_name() == "CallForHelp" ||
         error.get_name() == "RequiredError";
}

// The exit status when there is nothing to run.
std::optional<int> Parse(CLI::App& app,
                         const std::vector<std::string>& arguments,
                         Terminal terminal) {
  for (const std::string& argument : arguments) {
    if (!wire::IsUtf8(argument)) {
      terminal.err << "masactl: what is given is UTF-8, which this is not: "
                   << Shown(argument) << '\n';
      return 1;
    }
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (!unknown.empty() && IsAboutOtherWords(error)) {
      terminal.err << "masactl: there is no word \"" << unknown.front()
                   << "\" here; --help lists the words\n";
      return 1;
    }
    return app.exit(error, terminal.out, terminal.err) == 0 ? 0 : 1;
  }
}

// `status`, or 1 where what was said did not go out: a full disk.
int Ended(int status, Terminal terminal) {
  terminal.out.flush();
  if (terminal.out.good()) {
    return status;
  }
  terminal.err << "masactl: the output cannot be written\n";
  return 1;
}

}  // namespace

int Run(const std::vector<std::string>& arguments, Terminal terminal) {
  Words words;
  CLI::App app("masactl: the operator's side of a MASA", "masactl");
  // The flag ends the parsing, wherever --json stands.
  const bool json =
      std::count(arguments.begin(), arguments.end(), "--json") > 0;
  app.set_version_flag("--version", [json] { return VersionText(json); });
  app.failure_message([](const CLI::App* of, const CLI::Error& error) {
    return "masactl: " + CLI::FailureMessage::simple(of, error);
  });
  AddCommon(app, words.common);
  AddDevice(app, words, terminal);
  AddProduct(app, words, terminal);
  AddTenant(app, words, terminal);
  AddOwner(app, words, terminal);
  AddAudit(app, words, terminal);
  AddOtherWords(app, words, terminal);
  AddCompletion(app, words, terminal);
  app.require_subcommand(1);
  if (const auto ended = Parse(app, arguments, terminal)) {
    return Ended(*ended, terminal);
  }
  const absl::StatusOr<int> status = words.chosen();
  if (!status.ok()) {
    terminal.err << "masactl: " << std::string(status.status().message())
                 << '\n';
    return 1;
  }
  return Ended(*status, terminal);
}

}  // namespace masa::masactl
