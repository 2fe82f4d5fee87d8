// Devices that ask for themselves, before the use case on the store in memory.
#ifndef SERVICES_ISSUANCE_TEST_PLEDGE_DESK_H_
#define SERVICES_ISSUANCE_TEST_PLEDGE_DESK_H_

#include <string>
#include <vector>

#include "services/issuance/answer_pledge.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/test_desk.h"
#include "storage/memory/memory_reports.h"

namespace masa::issuance {

inline constexpr char kCloud[] = "cloud.masa.example";
inline constexpr char kRegistrarUrl[] = "https://registrar.owner.example";
inline constexpr char kEstDomain[] = "https://est.owner.example:8443";
inline constexpr char kMoreUrl[] = "https://owner.example/more";

class PledgeDeskTest : public Desk {
 protected:
  PledgeDeskTest() {
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), CloudCatalog()).ok());
    clock_.Advance(absl::Seconds(6));
  }

  masa::v1::Catalog CloudCatalog() {
    masa::v1::Catalog catalog = Catalog();
    catalog.mutable_tenants(0)->add_host_names(kCloud);
    return catalog;
  }
  template <typename Change>
  void ChangeCatalog(const Change& change) {
    masa::v1::Catalog catalog = CloudCatalog();
    change(catalog);
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    clock_.Advance(absl::Seconds(6));
  }

  // What the owner of OWNED-1 recorded.
  absl::Status Record(const storage::Onboarding& record) {
    GroupCall call;
    call.caller = {identity::Role::kOperator, "op", "acme", ""};
    return groups_.SetOnboarding(call, record, {});
  }
  void RecordRegistrar(const std::string& url = kRegistrarUrl) {
    const absl::Status recorded = Record({"org-acme", url, "", "", "", 1});
    EXPECT_TRUE(recorded.ok()) << recorded;
  }
  void RecordEst(const std::string& more = "") {
    const absl::Status recorded =
        Record({"org-acme", "", kEstDomain, est_ca_.CertificateDer(), more, 1});
    EXPECT_TRUE(recorded.ok()) << recorded;
  }

  RequestLeaves CloudLeaves(const std::string& serial = "OWNED-1") {
    RequestLeaves leaves = PledgeLeaves(serial);
    leaves.proximity_registrar_cert_der = cloud_.CertificateDer();
    return leaves;
  }

  // As TLS brings it from a device with this IDevID.
  PledgeCall From(const Identity& idevid, const std::string& body) {
    PledgeCall call;
    call.context.request_id = "id";
    call.host = kCloud;
    call.content_type = testing::MediaType(container_);
    call.body = body;
    call.tls_peer_chain_der = {idevid.CertificateDer(),
                               idevid_ca_.CertificateDer()};
    call.tls_server_cert_der = cloud_.CertificateDer();
    return call;
  }
  PledgeCall Asking(const Identity& idevid, const RequestLeaves& leaves) {
    return From(idevid, PledgeSigned(leaves, idevid));
  }

  Reason Refused(const PledgeCall& call) {
    return ReasonOf(desk_.AskOne(call).status());
  }

  const Identity est_ca_ = testing::MakeIdentity(Spec("est ca", true));
  const Identity cloud_ = testing::MakeIdentity(Spec("cloud", false));
  const Identity owned_ = Pledge("OWNED-1");
  storage::MemoryReports reports_{store_};
  ServeGroups groups_{*tools_};
  AnswerPledge desk_{*tools_, reports_};
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_PLEDGE_DESK_H_
