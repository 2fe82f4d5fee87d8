// Who calls, as a value: made once at a face, passed down, never looked up
// again.
#ifndef SERVICES_IDENTITY_PRINCIPAL_H_
#define SERVICES_IDENTITY_PRINCIPAL_H_

#include <string>
#include <vector>

namespace masa::identity {

enum class Role {
  kRegistrar = 1,  // anybody over HTTPS
  kEdge = 2,       // our own edge, on behalf of a registrar
  kAuthority = 3,  // our own authority, towards a signer
  kOperator = 4,   // of the manufacturer: all rights in masa.v1 of its tenant
  kCustomer = 5,   // service account of an organisation
};

struct Principal {
  Role role = Role::kRegistrar;
  std::string name;             // for audit events and logs: no personal data
  std::string tenant_id;        // operators and customers
  std::string organization_id;  // customers
  // Customers: the account within the organisation.
  std::string username = {};
  bool is_service_account = true;  // else a person
};

}  // namespace masa::identity

#endif  // SERVICES_IDENTITY_PRINCIPAL_H_
