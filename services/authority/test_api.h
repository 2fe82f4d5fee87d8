// All of masa.v1 on a socket, as the `api` listener serves it, with callers of
// each kind. For tests.
#ifndef SERVICES_AUTHORITY_TEST_API_H_
#define SERVICES_AUTHORITY_TEST_API_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/admin/admin_face.h"
#include "services/admin/test_admin_desk.h"
#include "services/authority/access_face.h"
#include "services/authority/api_services.h"
#include "services/authority/approval_face.h"
#include "services/authority/audit_face.h"
#include "services/authority/certificate_face.h"
#include "services/authority/device_face.h"
#include "services/authority/group_face.h"
#include "services/authority/key_face.h"
#include "services/authority/ownership_face.h"
#include "services/authority/policy_face.h"
#include "services/authority/report_face.h"
#include "services/authority/test_peer.h"
#include "services/authority/transfer_face.h"
#include "services/authority/voucher_face.h"
#include "services/authority/voucher_job_face.h"
#include "services/issuance/gathering_voucher_desk.h"
#include "services/issuance/serve_audit.h"
#include "services/issuance/serve_certificates.h"
#include "services/issuance/serve_claims.h"
#include "services/issuance/serve_escrow.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/serve_keys.h"
#include "services/issuance/serve_policies.h"
#include "services/issuance/serve_reports.h"
#include "services/issuance/serve_verifications.h"
#include "services/issuance/serve_vouchers.h"
#include "services/issuance/test_voucher_jobs.h"
#include "services/issuance/watch_ownership.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "storage/memory/memory_certificates.h"
#include "storage/memory/memory_issued_vouchers.h"
#include "storage/memory/memory_job_runs.h"
#include "storage/memory/memory_reports.h"
#include "storage/memory/memory_verifications.h"

namespace masa::authority {

class Api : public issuance::JobDesk {
 protected:
  Api();
  ~Api() override;

  // `operator`, `acme` and `other` (administrators of these customers),
  // `nobody` (of org-acme, without a role), `foreign` (another tenant's
  // operator), `nowhere` (whom nobody knows).
  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& who);

 private:
  // The faces and their desks, which take long to compile.
  struct Served;

  std::unique_ptr<Served> served_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_TEST_API_H_
