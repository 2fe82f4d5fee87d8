// VoucherJobService over a socket, and the same jobs as operations.
#include <memory>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "proto/google/longrunning/operations.grpc.pb.h"
#include "proto/masa/v1/voucher_job.grpc.pb.h"
#include "services/authority/test_api.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/wire/tar_header.h"

namespace masa::authority {
namespace {

using google::longrunning::Operations;
using masa::v1::VoucherJobService;

class VoucherJobApi : public Api {
 protected:
  // The reason of a refusal, or OK.
  template <typename Service, typename Request, typename Response>
  std::string Try(const std::string& who,
                  grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                        const Request&,
                                                        Response*),
                  const Request& request, Response* response) {
    grpc::ClientContext context;
    rpc::Carry({}, &context);
    const auto service_stub = StubOf<Service>(who);
    const absl::Status status = rpc::FromGrpc(
        (service_stub.get()->*method)(&context, request, response),
        absl::UnavailableError("unreachable"));
    return status.ok() ? "OK" : std::string(InfoOf(ReasonOf(status)).name);
  }
  template <typename Service>
  std::unique_ptr<typename Service::Stub> StubOf(const std::string& who);

  static masa::v1::StartVoucherJobRequest Order() {
    masa::v1::StartVoucherJobRequest request;
    request.set_organization_id("org-acme");
    request.set_cert_id("cert-org-acme");
    request.mutable_expires_on()->set_seconds(
        absl::ToUnixSeconds(issuance::Noon() + absl::Hours(1)));
    request.set_format(masa::v1::FORMAT_JWS_JSON);
    return request;
  }

  masa::v1::VoucherJob Started() {
    masa::v1::StartVoucherJobResponse response;
    EXPECT_EQ((Try<VoucherJobService>("acme",
                                      &VoucherJobService::Stub::StartVoucherJob,
                                      Order(), &response)),
              "OK");
    return response.job();
  }

  masa::v1::VoucherJob Get(const std::string& id) {
    masa::v1::GetVoucherJobRequest request;
    request.set_job_id(id);
    masa::v1::GetVoucherJobResponse response;
    EXPECT_EQ(
        (Try<VoucherJobService>("acme", &VoucherJobService::Stub::GetVoucherJob,
                                request, &response)),
        "OK");
    return response.job();
  }

  void RunJobs() {
    auto runner = JobRunner();
    while (runner.RunTurn([] { return false; })->worked) {
    }
  }

  std::string Export(const std::string& id, int64_t offset,
                     int64_t* archive_octets = nullptr) {
    masa::v1::ExportVouchersRequest request;
    request.set_job_id(id);
    request.set_offset(offset);
    grpc::ClientContext context;
    rpc::Carry({}, &context);
    const auto stub = VoucherJobService::NewStub(ChannelOf("acme"));
    const auto reader = stub->ExportVouchers(&context, request);
    std::string octets;
    masa::v1::ExportVouchersResponse message;
    while (reader->Read(&message)) {
      EXPECT_EQ(message.offset(), offset + static_cast<int64_t>(octets.size()));
      octets += message.octets();
      if (archive_octets != nullptr) {
        *archive_octets = message.archive_octets();
      }
    }
    EXPECT_TRUE(reader->Finish().ok());
    return octets;
  }
};

template <>
std::unique_ptr<VoucherJobService::Stub>
VoucherJobApi::StubOf<VoucherJobService>(const std::string& who) {
  return VoucherJobService::NewStub(ChannelOf(who));
}
template <>
std::unique_ptr<Operations::Stub> VoucherJobApi::StubOf<Operations>(
    const std::string& who) {
  return Operations::NewStub(ChannelOf(who));
}

TEST_F(VoucherJobApi, AJobIsStartedRunAndDownloaded) {
  const masa::v1::VoucherJob started = Started();
  EXPECT_EQ(started.state(), masa::v1::VOUCHER_JOB_STATE_PENDING);
  EXPECT_FALSE(started.has_total());
  EXPECT_EQ(started.cert_id(), "cert-org-acme");
  RunJobs();
  const masa::v1::VoucherJob job = Get(started.job_id());
  EXPECT_EQ(job.state(), masa::v1::VOUCHER_JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.total(), 1);
  EXPECT_EQ(job.issued(), 1);
  EXPECT_TRUE(job.has_end_time());
  int64_t archive_octets = 0;
  const std::string tar = Export(job.job_id(), 0, &archive_octets);
  EXPECT_EQ(static_cast<int64_t>(tar.size()), job.archive_octets());
  EXPECT_EQ(archive_octets, job.archive_octets());
  EXPECT_EQ(wire::ParseTarHeader(tar.substr(0, 512))->name, "OWNED-1.vjj");
  EXPECT_EQ(Export(job.job_id(), 700), tar.substr(700));
  EXPECT_EQ(Export(job.job_id(), archive_octets), "");
}

TEST_F(VoucherJobApi, ARepeatIsAnsweredWithTheJobOfThen) {
  masa::v1::StartVoucherJobRequest order = Order();
  order.set_request_id("5f0c0f2e-0000-4000-8000-000000000001");
  masa::v1::StartVoucherJobResponse first, again;
  const auto start = &VoucherJobService::Stub::StartVoucherJob;
  ASSERT_EQ(Try<VoucherJobService>("acme", start, order, &first), "OK");
  ASSERT_EQ(Try<VoucherJobService>("acme", start, order, &again), "OK");
  EXPECT_EQ(first.job().job_id(), again.job().job_id());
  order.set_format(masa::v1::FORMAT_COSE_CBOR);
  EXPECT_EQ(Try<VoucherJobService>("acme", start, order, &again),
            "REQUEST_ID_REUSED");
}

TEST_F(VoucherJobApi, ACheckTellsHowManyDevicesThereAre) {
  masa::v1::StartVoucherJobRequest order = Order();
  order.set_validate_only(true);
  masa::v1::StartVoucherJobResponse response;
  ASSERT_EQ(
      Try<VoucherJobService>("acme", &VoucherJobService::Stub::StartVoucherJob,
                             order, &response),
      "OK");
  EXPECT_EQ(response.job().total(), 1);
  EXPECT_EQ(response.job().job_id(), "");
  masa::v1::ListVoucherJobsResponse list;
  ASSERT_EQ(
      Try<VoucherJobService>("acme", &VoucherJobService::Stub::ListVoucherJobs,
                             masa::v1::ListVoucherJobsRequest(), &list),
      "OK");
  EXPECT_EQ(list.jobs_size(), 0);
}

TEST_F(VoucherJobApi, JobsAreListedInPagesForWhoSeesThem) {
  for (int i = 0; i < 3; ++i) {
    Started();
    clock_.Advance(absl::Seconds(1));
  }
  masa::v1::ListVoucherJobsRequest request;
  request.set_page_size(2);
  masa::v1::ListVoucherJobsResponse page;
  const auto list = &VoucherJobService::Stub::ListVoucherJobs;
  ASSERT_EQ(Try<VoucherJobService>("acme", list, request, &page), "OK");
  EXPECT_EQ(page.jobs_size(), 2);
  request.set_page_token(page.next_page_token());
  ASSERT_EQ(Try<VoucherJobService>("acme", list, request, &page), "OK");
  EXPECT_EQ(page.jobs_size(), 1);
  EXPECT_EQ(page.next_page_token(), "");
  masa::v1::ListVoucherJobsResponse others;
  ASSERT_EQ(Try<VoucherJobService>("other", list,
                                   masa::v1::ListVoucherJobsRequest(), &others),
            "OK");
  EXPECT_EQ(others.jobs_size(), 0);
}

TEST_F(VoucherJobApi, ACancelledJobIsAnOperationThatFailed) {
  const std::string id = Started().job_id();
  google::longrunning::CancelOperationRequest cancel;
  cancel.set_name("voucherJobs/" + id);
  google::protobuf::Empty empty;
  ASSERT_EQ(Try<Operations>("acme", &Operations::Stub::CancelOperation, cancel,
                            &empty),
            "OK");
  EXPECT_EQ(Get(id).state(), masa::v1::VOUCHER_JOB_STATE_CANCELLING);
  RunJobs();
  EXPECT_EQ(Get(id).state(), masa::v1::VOUCHER_JOB_STATE_CANCELLED);
  google::longrunning::GetOperationRequest request;
  request.set_name("voucherJobs/" + id);
  google::longrunning::Operation operation;
  ASSERT_EQ(Try<Operations>("acme", &Operations::Stub::GetOperation, request,
                            &operation),
            "OK");
  EXPECT_TRUE(operation.done());
  EXPECT_EQ(operation.error().code(),
            static_cast<int>(grpc::StatusCode::CANCELLED));
  EXPECT_EQ(Try<Operations>("other", &Operations::Stub::GetOperation, request,
                            &operation),
            "JOB_UNKNOWN");
  request.set_name(id);
  EXPECT_EQ(Try<Operations>("acme", &Operations::Stub::GetOperation, request,
                            &operation),
            "JOB_UNKNOWN");
}

TEST_F(VoucherJobApi, AWaitEndsWithTheJobOrWithItsTimeout) {
  masa::v1::WaitVoucherJobRequest request;
  request.set_job_id(Started().job_id());
  request.mutable_timeout()->set_nanos(1);
  masa::v1::WaitVoucherJobResponse response;
  const auto wait = &VoucherJobService::Stub::WaitVoucherJob;
  ASSERT_EQ(Try<VoucherJobService>("acme", wait, request, &response), "OK");
  EXPECT_EQ(response.job().state(), masa::v1::VOUCHER_JOB_STATE_PENDING);
  request.clear_timeout();
  std::thread runner([this] { RunJobs(); });
  EXPECT_EQ(Try<VoucherJobService>("acme", wait, request, &response), "OK");
  runner.join();
  EXPECT_EQ(response.job().state(), masa::v1::VOUCHER_JOB_STATE_SUCCEEDED);
  google::longrunning::WaitOperationRequest same;
  same.set_name("voucherJobs/" + request.job_id());
  google::longrunning::Operation operation;
  ASSERT_EQ(Try<Operations>("acme", &Operations::Stub::WaitOperation, same,
                            &operation),
            "OK");
  masa::v1::VoucherJob job;
  ASSERT_TRUE(operation.response().UnpackTo(&job));
  EXPECT_EQ(job.issued(), 1);
}

TEST_F(VoucherJobApi, NobodyDeletesAnOperation) {
  google::longrunning::DeleteOperationRequest request;
  request.set_name("voucherJobs/" + Started().job_id());
  google::protobuf::Empty response;
  EXPECT_EQ(Try<Operations>("acme", &Operations::Stub::DeleteOperation, request,
                            &response),
            "NOT_OFFERED");
}

TEST_F(VoucherJobApi, OperationsAreListedAsJobsAre) {
  Started();
  google::longrunning::ListOperationsRequest request;
  google::longrunning::ListOperationsResponse response;
  const auto list = &Operations::Stub::ListOperations;
  ASSERT_EQ(Try<Operations>("acme", list, request, &response), "OK");
  ASSERT_EQ(response.operations_size(), 1);
  EXPECT_FALSE(response.operations(0).done());
  masa::v1::VoucherJob job;
  EXPECT_TRUE(response.operations(0).metadata().UnpackTo(&job));
  request.set_filter("done = true");
  EXPECT_EQ(Try<Operations>("acme", list, request, &response),
            "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace masa::authority
