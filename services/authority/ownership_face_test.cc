// OwnershipService over a real socket, on the records of the test desk.
#include "services/authority/ownership_face.h"

#include <future>
#include <string>

#include "services/authority/ownership_fixture.h"

namespace masa::authority {
namespace {

class Ownerships : public OwnershipFixture {
 protected:
  grpc::Status Ask(const masa::v1::ResolveOwnershipsRequest& request,
                   masa::v1::ResolveOwnershipsResponse* response) {
    grpc::ClientContext call;
    call.set_wait_for_ready(true);
    return served_->ResolveOwnerships(&call, request, response);
  }

  grpc::Status AskOne(ServedOwnership& served, const std::string& serial,
                      masa::v1::ResolveOwnershipResponse* response) {
    grpc::ClientContext call;
    call.set_wait_for_ready(true);
    return served->ResolveOwnership(&call, Question(serial), response);
  }
};

TEST_F(Ownerships, EachItemHasItsOwnStatusInOrder) {
  const std::string spki = DomainKey();
  const struct {
    const char* name;
    std::string serial;
    std::string spki;
    int code;
    const char* reason;  // of the status, or of the answer
  } cases[] = {
      {"owner", "OWNED-1", spki, 0, "OWNER"},
      {"unknown", "NONE", spki, 5, "DEVICE_UNKNOWN"},
      {"no serial", "", spki, 3, "INVALID_ARGUMENT"},
      {"zero octet", std::string("A\0B", 3), spki, 3, "INVALID_ARGUMENT"},
      {"long serial", std::string(256, 'A'), spki, 3, "INVALID_ARGUMENT"},
      {"half a hash", "OWNED-1", "abc", 3, "INVALID_ARGUMENT"},
      {"any domain", issuance::kSerial, spki, 0, "ANY_DOMAIN"},
      {"another domain", "OWNED-1", std::string(32, 'x'), 0,
       "REGISTRAR_NOT_AUTHORIZED"},
  };
  masa::v1::ResolveOwnershipsRequest request;
  for (const auto& c : cases) {
    auto* one = request.add_requests();
    one->mutable_device()->set_serial_number(c.serial);
    one->mutable_registrar()->set_spki_sha256(c.spki);
    one->set_want_pinned_cert(true);
  }
  masa::v1::ResolveOwnershipsResponse response;
  const grpc::Status status = Ask(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), request.requests_size());
  for (int i = 0; i < response.results_size(); ++i) {
    SCOPED_TRACE(cases[i].name);
    const auto& result = response.results(i);
    EXPECT_EQ(result.status().code(), cases[i].code);
    EXPECT_EQ(cases[i].code == 0 ? result.value().reason()
                                 : ReasonIn(result.status()),
              cases[i].reason);
    EXPECT_EQ(result.has_value(), cases[i].code == 0);
  }
  EXPECT_EQ(response.results(0).value().pinned_cert_der(),
            domain_ca_.CertificateDer());
  EXPECT_EQ(response.results(0).value().organization_id(), "org-acme");
  EXPECT_TRUE(response.results(0).value().has_as_of());
  EXPECT_EQ(response.results(0).value().cert_id(), "cert-org-acme");
  EXPECT_EQ(response.results(0).value().assertion(),
            masa::v1::ASSERTION_VERIFIED);
  EXPECT_EQ(response.results(6).value().pinned_cert_der(), "");
}

TEST_F(Ownerships, ACallTakesOneToAThousandItems) {
  for (const int count : {0, 1001}) {
    masa::v1::ResolveOwnershipsRequest request;
    for (int i = 0; i < count; ++i) {
      request.add_requests()->mutable_device()->set_serial_number("OWNED-1");
    }
    masa::v1::ResolveOwnershipsResponse response;
    const grpc::Status status = Ask(request, &response);
    EXPECT_EQ(ReasonIn(status), "TOO_MANY_ITEMS") << count;
  }
}

TEST_F(Ownerships, ASingleQuestionIsAnsweredLikeOneOfMany) {
  const struct {
    const char* name;
    std::string serial;
    grpc::StatusCode code;
    const char* reason;  // of the status, or of the answer
  } cases[] = {
      {"owner", "OWNED-1", grpc::OK, "OWNER"},
      {"any domain", issuance::kSerial, grpc::OK, "ANY_DOMAIN"},
      {"unknown", "NONE", grpc::NOT_FOUND, "DEVICE_UNKNOWN"},
      {"no serial", "", grpc::INVALID_ARGUMENT, "INVALID_ARGUMENT"},
      {"long serial", std::string(256, 'A'), grpc::INVALID_ARGUMENT,
       "INVALID_ARGUMENT"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    masa::v1::ResolveOwnershipResponse response;
    const grpc::Status status = AskOne(served_, c.serial, &response);
    EXPECT_EQ(status.error_code(), c.code) << status.error_message();
    EXPECT_EQ(status.ok() ? response.reason() : ReasonIn(status), c.reason);
    EXPECT_EQ(response.pinned_cert_der(), "") << "nobody asked for it";
  }
}

TEST_F(Ownerships, AStoreThatFailsIsUnavailable) {
  masa::v1::ResolveOwnershipResponse response;
  ASSERT_TRUE(AskOne(served_, "OWNED-1", &response).ok());
  store_.Stop(true);
  EXPECT_EQ(ReasonIn(AskOne(served_, "OWNED-1", &response)),
            "STORE_UNAVAILABLE");
  store_.Stop(false);
  EXPECT_TRUE(AskOne(served_, "OWNED-1", &response).ok());
}

TEST_F(Ownerships, ACallerThatVanishesTakesNobodyAlong) {
  HoldingDesk holding(*resolve_desk_);
  ServedOwnership served(holding, watches_);
  const auto request = Question("OWNED-1");
  grpc::ClientContext gone, patient;
  masa::v1::ResolveOwnershipResponse lost, heard;
  std::promise<grpc::Status> of_gone, of_patient;
  for (auto* call : {&gone, &patient}) {
    call->set_wait_for_ready(true);
  }
  served->async()->ResolveOwnership(
      &gone, &request, &lost,
      [&](grpc::Status status) { of_gone.set_value(std::move(status)); });
  served->async()->ResolveOwnership(
      &patient, &request, &heard,
      [&](grpc::Status status) { of_patient.set_value(std::move(status)); });
  holding.WaitFor(2);
  gone.TryCancel();
  EXPECT_EQ(of_gone.get_future().get().error_code(), grpc::CANCELLED);
  holding.LetGo();
  EXPECT_TRUE(of_patient.get_future().get().ok());
  EXPECT_EQ(heard.reason(), "OWNER");
}

// The caller learns the id alone, and the log has the rest under it.
TEST_F(Ownerships, ItemsThatFailByOurFaultAreToldInside) {
  BrokenDesk broken;
  ServedOwnership served(broken, watches_);
  masa::v1::ResolveOwnershipsRequest request;
  for (int i = 0; i < 5; ++i) {
    *request.add_requests() = Question("OWNED-1");
  }
  *request.add_requests() = Question("");
  grpc::ClientContext call;
  call.AddMetadata(rpc::kRequestIdKey, "my-own");
  masa::v1::ResolveOwnershipsResponse response;
  ASSERT_TRUE(served->ResolveOwnerships(&call, request, &response).ok());
  for (int i = 0; i < 5; ++i) {
    const auto& status = response.results(i).status();
    EXPECT_EQ(ReasonIn(status), "INTERNAL");
    EXPECT_EQ(status.message().find("disk"), std::string::npos);
  }
  const auto told = served.told();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].request_id, "my-own");
  EXPECT_EQ(told[0].service, "masa.v1.OwnershipService");
  EXPECT_EQ(told[0].status.message(), "the disk is full");
  EXPECT_EQ(told[2].items, 4u);
}

}  // namespace
}  // namespace masa::authority
