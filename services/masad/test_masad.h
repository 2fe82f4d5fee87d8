// A masad of one role, as a real process, for tests: its configuration, its
// log, its ports. Not thread-safe.
#ifndef SERVICES_MASAD_TEST_MASAD_H_
#define SERVICES_MASAD_TEST_MASAD_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/testing/child_process.h"

namespace masa::masad {

// What the configuration of a process is filled with.
struct ConfigParts {
  std::string service_url;
  std::string migration_url;
  int signer_port = 0;      // where the signer is, when apart
  int internal_port = 0;    // where the authority is, when apart
  int own_signer_port = 0;  // what a signer listens on; 0: any
  // YAML that goes behind the sandbox's own entries of each list.
  std::string more_certificates = "";
  std::string more_callers = "";
  std::string more_keys = "";
  std::string more_signer = "";  // fields of it
  std::string more_storage = "";  // likewise
  // Of `authority`: the log with its key, nothing outside.
  std::string audit =
      "  audit: {signing_key: acme-audit, origin: masa.example/audit}\n";
};

// The sandbox's configuration for every role, ports free.
std::string ConfigText(const ConfigParts& parts);

class MasadProcess {
 public:
  // Starts `masad` with `arguments` on a configuration file of its own in
  // `folder` (a sandbox's data folder), called `name`.
  MasadProcess(const std::string& folder, const std::string& name,
               const ConfigParts& parts,
               const std::vector<std::string>& arguments);

  // Waits until it says that it serves; false when it ended instead.
  bool WaitUntilServing();
  // Waits until /readyz answers `status`.
  bool WaitUntilReadyzIs(int status);

  // Of the last `serving` line: https_port, api_port and so on.
  int Port(const std::string& name) const;

  // What it wrote so far.
  std::string LogText() const;

  // `GET path` on the admin port: status line, headers and body.
  std::string AdminGet(const std::string& path) const;

  testing::ChildProcess& process() { return *process_; }

  const std::string& config_file() const { return config_file_; }

 private:
  const std::string config_file_;
  const std::string log_file_;
  std::unique_ptr<testing::ChildProcess> process_;
};

// True once `holds` is, asked again and again for at most half a minute.
bool Eventually(const std::function<bool()>& holds);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_TEST_MASAD_H_
