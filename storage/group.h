// Who may do what with an organisation's devices, and which certificates its
// groups vouch for. An organisation is a tree of groups: its root has the
// organisation's own id and is there as long as the organisation. Pure values.
#ifndef STORAGE_GROUP_H_
#define STORAGE_GROUP_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::storage {

enum class AccountType { kUser = 1, kServiceAccount = 2 };

// Who somebody is: all three together. Accounts are made elsewhere.
struct Account {
  std::string organization_id;
  std::string username;
  AccountType type = AccountType::kUser;

  auto operator<=>(const Account&) const = default;
};

// The stronger is the greater.
enum class GroupRole { kRequestor = 1, kAssigner = 2, kAdmin = 3 };

struct Group {
  std::string group_id;
  std::string parent_id;    // empty: the root
  std::string description;  // unique below one parent
  int64_t version = 1;      // grows by one with each change

  bool operator==(const Group&) const = default;
};

// One account's role in a group, and so in every group below it.
struct Binding {
  std::string group_id;
  Account account;
  GroupRole role = GroupRole::kRequestor;

  bool operator==(const Binding&) const = default;
};

// In place of an organisation: everyone.
inline constexpr char kEveryone[] = "*";

// Accounts of another organisation may have roles in a group and below it.
struct Delegation {
  std::string group_id;
  std::string organization_id;  // or kEveryone

  auto operator<=>(const Delegation&) const = default;
};

// A certificate of a customer's domain: what vouchers pin, and what lets its
// registrars speak for the devices of the group.
struct GroupCert {
  std::string cert_id;
  std::string group_id;
  std::string certificate_der;
  bool revocation_checks = false;
  std::optional<absl::Time> expires_at;  // none: with the certificate

  bool operator==(const GroupCert&) const = default;
};

// How the devices of a group, and of those below that have no such record,
// find their owner's network: by its registrar, or by its EST server.
struct Onboarding {
  std::string group_id;
  std::string registrar_url;  // https URI; empty: by the EST server
  std::string est_domain;     // https URI; empty: by the registrar
  // What the EST server presents in TLS, or a CA that this chains to.
  std::string est_certificate_der;
  std::string additional_configuration_url;  // https URI; may be empty
  int64_t version = 1;                       // differs with each change

  bool operator==(const Onboarding&) const = default;
};

// All of one organisation but its devices.
struct OrganizationTree {
  std::string tenant_id;
  masa::v1::Organization organization;
  int64_t version = 0;  // grows with every change of what is below
  std::map<std::string, Group> groups;     // by id, the root among them
  std::map<std::string, GroupCert> certs;  // by id
  std::vector<Binding> bindings;
  std::vector<Delegation> delegations;
  std::map<std::string, Onboarding> onboardings;  // by group

  // Also the root group's.
  const std::string& id() const { return organization.organization_id(); }
};

}  // namespace masa::storage

#endif  // STORAGE_GROUP_H_
