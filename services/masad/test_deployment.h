// A whole sandbox for drills: its files, a PostgreSQL server of its own, real
// masad processes on it, and masactl towards them. Not thread-safe.
#ifndef SERVICES_MASAD_TEST_DEPLOYMENT_H_
#define SERVICES_MASAD_TEST_DEPLOYMENT_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/masad/test_masad.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"
#include "services/testing/test_pki.h"
#include "storage/contract/postgres_server.h"

namespace masa::masad {

class Deployment {
 public:
  // Writes the sandbox's files into `folder` and starts a server with an empty
  // schema. Failures are test failures.
  explicit Deployment(std::string folder);

  const std::string& folder() const { return folder_; }
  ConfigParts& parts() { return parts_; }

  // `masad VERB...`: the exit status, and its log in LogOf(name).
  int RunVerb(const std::string& name, const std::vector<std::string>& words);
  std::string LogOf(const std::string& name) const;

  // One process of all roles, ready to issue.
  std::unique_ptr<MasadProcess> Start(const std::string& name);

  // `masactl` as `who`, whose files are below folder()/sandbox, at the port of
  // this name (MasadProcess::Port); what it says is in `said`.
  int Masactl(const MasadProcess& masad, const std::string& who,
              const std::vector<std::string>& words, std::string* said,
              const std::string& port = "api_port");

  storage::PostgresServer& database() { return *database_; }

  // The first value of `statement`, run by the database's superuser.
  std::string Query(const std::string& statement);

  testing::Identity Identity(const std::string& name) const;
  // A root whose certificate integrators get and whose key they do not.
  testing::Identity Root(const std::string& name) const;
  std::string Path(const std::string& name) const {
    return folder_ + "/" + name;
  }

 private:
  const std::string folder_;
  std::unique_ptr<storage::PostgresServer> database_;
  ConfigParts parts_;
};

// Schema, catalog, a process called `one`, and the devices of `csv`.
std::unique_ptr<MasadProcess> MakeReady(
    Deployment& deployment,
    const std::string& csv = "serial_number,product\nDEMO-0001,default\n");

// A customer's registrar and a pledge in front of a masad.
class Customer {
 public:
  // Registrar and pledge of `of`, whose TLS root and host name `at` has.
  Customer(const Deployment& of, const Deployment& at,
           const std::string& host = "localhost");

  // A new request of the pledge's, signed on by the registrar.
  std::string NewRequest();

  testing::HttpAnswer RequestVoucher(const MasadProcess& masad,
                                     const std::string& request);
  testing::HttpAnswer RequestAuditLog(const MasadProcess& masad,
                                      const std::string& request);

  // OK when the pledge, which trusts `voucher_root_der` alone, takes it.
  absl::Status Trusts(const std::string& voucher,
                      const std::string& voucher_root_der) const;

 private:
  std::unique_ptr<testing::HttpsClient> Connect(const MasadProcess& masad);

  const std::string host_;
  const std::string tls_root_der_;
  testing::Registrar registrar_;
  testing::Pledge pledge_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_TEST_DEPLOYMENT_H_
