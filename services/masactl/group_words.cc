#include "CLI/CLI.hpp"
#include "services/masactl/group_commands.h"

namespace masa::masactl {
namespace {

using Choose = std::function<void(GroupCommand)>;

// Its name is for people, and may be that of several.
constexpr char kGroup[] = "its id, as `group list` shows it";

CLI::App* Words(CLI::App& app, const char* name, const char* what) {
  return app.add_subcommand(name, what)->require_subcommand(1)->fallthrough();
}

CLI::App* Word(CLI::App* app, const char* name, const char* what,
               GroupCommand command, const Choose& choose) {
  auto* word = app->add_subcommand(name, what);
  word->fallthrough()->callback([command, choose] { choose(command); });
  return word;
}

void AddOrganization(CLI::App& app, GroupArguments& a, const Choose& choose) {
  CLI::App* org = Words(app, "org", "customers");
  Word(org, "list", "those that you see", ListOrganizations, choose);
  auto* create =
      Word(org, "create", "a new customer", CreateOrganization, choose);
  create->add_option("ORG", a.organization, "org-NAME")->required();
  create->add_option("--name", a.name, "for people")->required();
  auto* rename =
      Word(org, "rename", "its name for people", RenameOrganization, choose);
  rename->add_option("ORG", a.organization)->required();
  rename->add_option("--name", a.name)->required();
  Word(org, "delete", "one that has nothing any more", DeleteOrganization,
       choose)
      ->add_option("ORG", a.organization)
      ->required();
}

void AddGroup(CLI::App& app, GroupArguments& a, const Choose& choose) {
  CLI::App* group = Words(app, "group", "a customer's groups of devices");
  Word(group, "list", "those that you see, as a tree", ListGroups, choose)
      ->add_option("--organization", a.organization, "yours when absent");
  auto* create = Word(group, "create", "a new group", CreateGroup, choose);
  create->add_option("NAME", a.name, "for people; prints the new group's id")
      ->required();
  create->add_option("--parent", a.parent, "its id; the root is ORG itself")
      ->required();
  auto* rename = Word(group, "rename", "another name", RenameGroup, choose);
  rename->add_option("GROUP", a.group, kGroup)->required();
  rename->add_option("NAME", a.name)->required();
  auto* move = Word(group, "move",
                    "below another group, with all that is in "
                    "it",
                    MoveGroup, choose);
  move->add_option("GROUP", a.group, kGroup)->required();
  move->add_option("--parent", a.parent)->required();
  Word(group, "delete", "an empty group", DeleteGroup, choose)
      ->add_option("GROUP", a.group, kGroup)
      ->required();
  auto* delegate =
      Word(group, "delegate", "let another customer's accounts have roles here",
           Delegate, choose);
  delegate->add_option("GROUP", a.group, kGroup)->required();
  delegate->add_option("ORG", a.organization, "or * for everyone")->required();
  auto* undelegate =
      Word(group, "undelegate", "no more of these", Undelegate, choose);
  undelegate->add_option("GROUP", a.group, kGroup)->required();
  undelegate->add_option("ORG", a.organization)->required();
}

void AddAccount(CLI::App* app, GroupArguments& a) {
  app->add_option("USERNAME", a.username)->required();
  app->add_option("--group", a.group, kGroup)->required();
  app->add_option("--of", a.account_organization,
                  "the account's organisation, the group's when absent");
  app->add_flag("--person", a.person, "a person, not a service account");
}

void AddRole(CLI::App& app, GroupArguments& a, const Choose& choose) {
  CLI::App* role = Words(app, "role", "who may do what in which group");
  auto* list =
      Word(role, "list", "roles as they were given", ListRoles, choose);
  list->add_option("--organization", a.organization, "yours when absent");
  list->add_option("--group", a.group, kGroup);
  auto* give =
      Word(role, "give", "a role in a group and below", GiveRole, choose);
  AddAccount(give, a);
  give->add_option("--role", a.role)
      ->required()
      ->check(CLI::IsMember({"admin", "assigner", "requestor"}));
  AddAccount(
      Word(role, "take", "the role given in this group", TakeRole, choose), a);
}

void AddCertOptions(CLI::App* app, GroupArguments& a) {
  app->add_option("--expires-in", a.expires_in,
                  "720h; with the certificate when absent");
  app->add_flag("--revocation-checks", a.revocation_checks,
                "devices check revocation of the domain's certificates");
}

void AddDomainCerts(CLI::App& app, GroupArguments& a, const Choose& choose) {
  CLI::App* cert =
      Words(app, "domain-cert", "certificates of customers' domains");
  auto* list =
      Word(cert, "list", "those that you see", ListDomainCerts, choose);
  list->add_option("--organization", a.organization, "yours when absent");
  list->add_option("--group", a.group, kGroup);
  auto* add = Word(cert, "add", "to a group", AddDomainCert, choose);
  add->add_option("CERT", a.cert_file, "PEM or DER")->required();
  add->add_option("--group", a.group, kGroup)->required();
  AddCertOptions(add, a);
  auto* rotate = Word(cert, "rotate", "another certificate under the same id",
                      RotateDomainCert, choose);
  rotate->add_option("ID", a.cert_id)->required();
  rotate->add_option("CERT", a.cert_file, "PEM or DER")->required();
  AddCertOptions(rotate, a);
  Word(cert, "delete", "nothing pins it any more", DeleteDomainCert, choose)
      ->add_option("ID", a.cert_id)
      ->required();
}

void AddOnboarding(CLI::App& app, GroupArguments& a, const Choose& choose) {
  CLI::App* onboarding =
      Words(app, "onboarding", "where a customer's new devices go");
  auto* set = Word(onboarding, "set", "for a group and those below it",
                   SetOnboarding, choose);
  set->add_option("GROUP", a.group, kGroup)->required();
  set->add_option("--registrar-url", a.registrar_url, "https://HOST[:PORT]...");
  set->add_option("--est-domain", a.est_domain, "https://HOST[:PORT]");
  set->add_option("--est-cert", a.cert_file,
                  "what the EST server presents, or its CA; PEM or DER");
  set->add_option("--configuration-url", a.configuration_url,
                  "where devices find more to configure");
  Word(onboarding, "show", "what holds in a group", ShowOnboarding, choose)
      ->add_option("GROUP", a.group, kGroup)
      ->required();
  Word(onboarding, "clear", "nothing of its own for the group", ClearOnboarding,
       choose)
      ->add_option("GROUP", a.group, kGroup)
      ->required();
}

}  // namespace

void AddGroupWords(CLI::App& app, GroupArguments& arguments,
                   const Choose& choose) {
  AddOrganization(app, arguments, choose);
  AddGroup(app, arguments, choose);
  AddRole(app, arguments, choose);
  AddDomainCerts(app, arguments, choose);
  AddOnboarding(app, arguments, choose);
}

}  // namespace masa::masactl
