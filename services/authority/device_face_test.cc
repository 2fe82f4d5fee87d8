// DeviceService over real gRPC: streams that break, pages, and what a request
// may say.
#include "services/authority/device_face.h"

#include <memory>
#include <set>

#include "gtest/gtest.h"
#include "services/authority/device_calls.h"
#include "services/authority/test_peer.h"
#include "services/issuance/test_desk.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/signing/remote/crc32c.h"
#include "services/testing/test_pki.h"

namespace masa::authority {
namespace {

using masa::v1::DeviceService;
using masa::v1::ImportDevicesRequest;
using masa::v1::ImportDevicesResponse;

std::string ReasonIn(const grpc::Status& status) {
  const absl::Status ours =
      rpc::FromGrpc(status, absl::UnavailableError("unreachable"));
  return ours.ok() ? "OK" : std::string(InfoOf(ReasonOf(ours)).name);
}

class DeviceApi : public issuance::Desk {
 protected:
  DeviceApi() {
    const auto server = Peer("DNS:localhost", &ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem(), false},
                                {&face_});
    const auto client = Peer("URI:urn:operator", &ca_);
    stub_ = DeviceService::NewStub(rpc::MakeChannel(
        {"127.0.0.1:" + std::to_string(server_->port()), "",
         ca_.CertificatePem(), client.CertificatePem(), client.KeyPem()}));
  }

  static ImportDevicesRequest Header(const std::string& id) {
    ImportDevicesRequest message;
    message.mutable_header()->set_import_id(id);
    return message;
  }
  static ImportDevicesRequest End(uint64_t last) {
    ImportDevicesRequest message;
    message.mutable_end()->set_last_sequence(last);
    return message;
  }
  // `count` devices numbered by the chunk.
  static ImportDevicesRequest Chunk(uint64_t sequence, int count,
                                    const std::string& product = "default") {
    masa::v1::DeviceList list;
    for (int i = 0; i < count; ++i) {
      auto* device = list.add_devices();
      device->set_serial_number(std::to_string(sequence) + "-" +
                                std::to_string(i));
      device->set_product_id(product);
    }
    ImportDevicesRequest message;
    message.mutable_chunk()->set_sequence(sequence);
    message.mutable_chunk()->set_devices(list.SerializeAsString());
    message.mutable_chunk()->set_crc32c(
        signing::Crc32c(message.chunk().devices()));
    return message;
  }

  // Sends the messages, as far as the service takes them, and half-closes.
  grpc::Status Import(const std::vector<ImportDevicesRequest>& messages,
                      ImportDevicesResponse* response) {
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    const auto writer = stub_->ImportDevices(&call, response);
    for (const ImportDevicesRequest& message : messages) {
      if (!writer->Write(message)) {
        break;
      }
    }
    writer->WritesDone();
    return writer->Finish();
  }

  // Begins the import, and commits a chunk of 2 devices.
  void ImportOneChunk(const std::string& id) {
    ImportDevicesResponse response;
    const auto status = Import({Header(id), Chunk(1, 2)}, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(response.progress().last_committed_sequence(), 1u);
  }

  masa::v1::ImportProgress Progress(const std::string& id) {
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    masa::v1::GetImportRequest request;
    request.set_import_id(id);
    masa::v1::GetImportResponse response;
    const auto status = stub_->GetImport(&call, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.progress();
  }

  // One call of `method` with the request.
  template <typename Response, typename Request, typename Method>
  grpc::Status Ask(const Method& method, const Request& request,
                   Response* response) {
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    return ((*stub_).*method)(&call, request, response);
  }

  masa::v1::ListDevicesResponse ListPage(
      const masa::v1::ListDevicesRequest& request) {
    masa::v1::ListDevicesResponse response;
    const auto status =
        Ask(&DeviceService::Stub::ListDevices, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  testing::Identity ca_ = Peer("", nullptr);
  Executor executor_{{"test", 2, 16}};
  const rpc::Gate gate_ =
      *rpc::Gate::Create({DeviceService::service_full_name()},
                         {{DeviceService::service_full_name(), {"*"}}},
                         [](const std::vector<std::string>&)
                             -> absl::StatusOr<identity::Principal> {
                           return identity::Principal{identity::Role::kOperator,
                                                      "operator", "acme", ""};
                         });
  DeviceFace face_{*operator_desk_, *registry_desk_, *transfer_desk_,
                   rpc::Serving{gate_, executor_}};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<DeviceService::Stub> stub_;
};

TEST_F(DeviceApi, AnImportIsItsChunksAndItsEnd) {
  ImportDevicesResponse response;
  const auto status =
      Import({Header("i"), Chunk(1, 1000), Chunk(2, 3), Chunk(3, 0), End(3)},
             &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.progress().created(), 1003);
  EXPECT_TRUE(response.progress().complete());
  EXPECT_EQ(response.errors_size(), 0);
  // Sent again it is answered, and not done again.
  const auto again = Import({Header("i"), Chunk(1, 1)}, &response);
  ASSERT_TRUE(again.ok()) << again.error_message();
  EXPECT_EQ(response.progress().created(), 1003);
}

// Half a stream leaves what was committed, and goes on in another one.
TEST_F(DeviceApi, AnImportGoesOnWhereItStopped) {
  ImportOneChunk("i");
  EXPECT_FALSE(Progress("i").complete());
  ImportDevicesResponse response;
  ASSERT_TRUE(Import({Header("i"), Chunk(2, 2), End(2)}, &response).ok());
  EXPECT_EQ(response.progress().created(), 4);
  EXPECT_TRUE(Progress("i").complete());
}

TEST_F(DeviceApi, AClientThatVanishesLeavesWholeChunks) {
  {
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    ImportDevicesResponse response;
    const auto writer = stub_->ImportDevices(&call, &response);
    writer->Write(Header("i"));
    writer->Write(Chunk(1, 5));
    call.TryCancel();
    writer->Finish();
  }
  // Begins it where the header was not taken any more.
  ImportDevicesResponse response;
  ASSERT_TRUE(Import({Header("i")}, &response).ok());
  const auto progress = Progress("i");
  EXPECT_EQ(progress.created(), progress.last_committed_sequence() * 5);
  const auto next = progress.last_committed_sequence() + 1;
  ASSERT_TRUE(Import({Header("i"), Chunk(next, 5), End(next)}, &response).ok());
}

TEST_F(DeviceApi, AWrongMessageEndsTheStreamAndCommitsNothingOfIt) {
  ImportDevicesRequest torn = Chunk(2, 1);
  torn.mutable_chunk()->set_crc32c(1);
  ImportDevicesRequest nonsense = Chunk(2, 1);
  nonsense.mutable_chunk()->set_devices("\xff\xff");
  nonsense.mutable_chunk()->set_crc32c(signing::Crc32c("\xff\xff"));
  ImportDevicesRequest other = Header("i");
  other.mutable_header()->set_on_conflict(
      ImportDevicesRequest::ON_CONFLICT_SKIP);
  const struct {
    const char* what;
    std::vector<ImportDevicesRequest> messages;
    const char* reason;
  } cases[] = {
      {"wrong checksum", {Header("i"), torn}, "INVALID_ARGUMENT"},
      {"no list", {Header("i"), nonsense}, "INVALID_ARGUMENT"},
      {"too many", {Header("i"), Chunk(2, 1001)}, "TOO_MANY_ITEMS"},
      {"a chunk again", {Header("i"), Chunk(1, 1)}, "IMPORT_OUT_OF_ORDER"},
      {"a gap", {Header("i"), Chunk(3, 1)}, "IMPORT_OUT_OF_ORDER"},
      {"a huge number", {Header("i"), Chunk(~0ull, 1)}, "INVALID_ARGUMENT"},
      {"an end too early", {Header("i"), End(2)}, "IMPORT_OUT_OF_ORDER"},
      {"no header", {Chunk(2, 1)}, "INVALID_ARGUMENT"},
      {"two headers", {Header("i"), Header("i")}, "INVALID_ARGUMENT"},
      {"nothing", {ImportDevicesRequest()}, "INVALID_ARGUMENT"},
      {"another way", {other}, "REQUEST_ID_REUSED"},
      {"no id", {Header("")}, "INVALID_ARGUMENT"},
  };
  ImportOneChunk("i");
  for (const auto& of : cases) {
    ImportDevicesResponse response;
    EXPECT_EQ(ReasonIn(Import(of.messages, &response)), of.reason) << of.what;
    EXPECT_EQ(Progress("i").created(), 2) << of.what;
    EXPECT_FALSE(Progress("i").complete()) << of.what;
  }
}

TEST_F(DeviceApi, ErrorsNameChunkAndPlace) {
  ImportDevicesRequest mixed = Chunk(1, 3);
  masa::v1::DeviceList list;
  list.ParseFromString(mixed.chunk().devices());
  list.mutable_devices(0)->clear_serial_number();
  list.mutable_devices(2)->set_product_id("none");
  mixed.mutable_chunk()->set_devices(list.SerializeAsString());
  mixed.mutable_chunk()->set_crc32c(signing::Crc32c(mixed.chunk().devices()));
  ImportDevicesResponse response;
  ASSERT_TRUE(Import({Header("i"), mixed, End(1)}, &response).ok());
  EXPECT_EQ(response.progress().created(), 1);
  EXPECT_EQ(response.progress().failed(), 2);
  ASSERT_EQ(response.errors_size(), 2);
  EXPECT_EQ(response.errors(0).index(), 0);
  EXPECT_EQ(response.errors(1).index(), 2);
  EXPECT_EQ(response.errors(1).sequence(), 1u);
  EXPECT_EQ(response.errors(1).reason(), "PRODUCT_UNKNOWN");
}

// So that an answer stays small, whatever is sent.
TEST_F(DeviceApi, TooManyErrorsEndTheStreamButNotTheImport) {
  ImportDevicesResponse response;
  const auto status =
      Import({Header("i"), Chunk(1, 1000, "none"), Chunk(2, 1, "none"), End(2)},
             &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.errors_size(), 1000);
  EXPECT_EQ(response.progress().last_committed_sequence(), 1u);
  EXPECT_FALSE(response.progress().complete());
  response.Clear();
  ASSERT_TRUE(
      Import({Header("i"), Chunk(2, 1, "none"), End(2)}, &response).ok());
  EXPECT_EQ(response.errors_size(), 1);
  EXPECT_EQ(response.progress().failed(), 1001);
}

TEST_F(DeviceApi, APageTokenBelongsToItsListAlone) {
  ImportOneChunk("i");
  masa::v1::ListDevicesRequest request;
  request.set_page_size(1);
  request.set_filter("product = default");
  std::set<std::string> serials;
  std::string token;
  do {
    request.set_page_token(token);
    const auto page = ListPage(request);
    for (const auto& device : page.devices()) {
      EXPECT_TRUE(serials.insert(device.serial_number()).second);
    }
    token = page.next_page_token().empty() ? "" : page.next_page_token();
    request.set_page_size(2);
  } while (!token.empty());
  EXPECT_EQ(serials, (std::set<std::string>{issuance::kSerial, "1-0", "1-1"}));

  request.clear_page_token();
  request.set_page_size(1);
  token = ListPage(request).next_page_token();
  masa::v1::ListDevicesRequest other = request;
  other.set_filter("product = owned");
  masa::v1::ListDevicesRequest full = request;
  full.set_view(masa::v1::DEVICE_VIEW_FULL);
  for (masa::v1::ListDevicesRequest& wrong : std::vector{other, full}) {
    wrong.set_page_token(token);
    masa::v1::ListDevicesResponse response;
    EXPECT_EQ(
        ReasonIn(Ask(&DeviceService::Stub::ListDevices, wrong, &response)),
        "PAGE_TOKEN_INVALID");
  }
  request.set_page_token(token + "x");
  masa::v1::ListDevicesResponse response;
  EXPECT_EQ(
      ReasonIn(Ask(&DeviceService::Stub::ListDevices, request, &response)),
      "PAGE_TOKEN_INVALID");
}

TEST_F(DeviceApi, AnExportIsWholeAndGoesOnBehindEachMessage) {
  ImportDevicesResponse imported;
  ASSERT_TRUE(
      Import({Header("i"), Chunk(1, 1000), Chunk(2, 500), End(2)}, &imported)
          .ok());
  const auto run = [this](const std::string& token, int most) {
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    masa::v1::ExportDevicesRequest request;
    request.set_filter("product = default");
    request.set_page_token(token);
    const auto reader = stub_->ExportDevices(&call, request);
    std::vector<masa::v1::ExportDevicesResponse> messages(1);
    while (most-- > 0 && reader->Read(&messages.back())) {
      messages.emplace_back();
    }
    messages.pop_back();
    call.TryCancel();
    reader->Finish();
    return messages;
  };
  const auto whole = run("", 100);
  std::set<std::string> serials;
  for (const auto& message : whole) {
    for (const auto& device : message.devices()) {
      EXPECT_TRUE(serials.insert(device.serial_number()).second);
    }
  }
  EXPECT_EQ(serials.size(), 1501u);
  EXPECT_EQ(whole.back().next_page_token(), "");
  const auto begun = run("", 1);
  const auto rest = run(begun.at(0).next_page_token(), 100);
  size_t devices = begun.at(0).devices_size();
  for (const auto& message : rest) {
    devices += message.devices_size();
  }
  EXPECT_EQ(devices, serials.size()) << "nothing twice, nothing left out";
}

TEST_F(DeviceApi, AnUpdateNamesTheFieldsItMayName) {
  masa::v1::UpdateDeviceRequest request;
  request.mutable_device()->set_serial_number(issuance::kSerial);
  request.mutable_update()->set_hw_version("B");
  request.mutable_update()->mutable_shipped_at()->set_seconds(1700000000);
  masa::v1::UpdateDeviceResponse response;
  const auto ask = [&] {
    return ReasonIn(
        Ask(&DeviceService::Stub::UpdateDevice, request, &response));
  };
  EXPECT_EQ(ask(), "INVALID_ARGUMENT") << "an empty mask";
  request.mutable_update_mask()->add_paths("hw_version");
  request.mutable_update_mask()->add_paths("shipped_at");
  ASSERT_EQ(ask(), "OK");
  EXPECT_EQ(response.device().hw_version(), "B");
  EXPECT_EQ(response.device().shipped_at().seconds(), 1700000000);
  const std::string etag = response.device().etag();
  request.set_etag(etag);
  request.mutable_update()->set_hw_version("C");
  ASSERT_EQ(ask(), "OK");
  EXPECT_EQ(ask(), "ETAG_MISMATCH");
  request.set_etag("none");
  EXPECT_EQ(ask(), "ETAG_MISMATCH");
  request.clear_etag();
  request.mutable_update()->mutable_shipped_at()->set_seconds(1ll << 60);
  EXPECT_EQ(ask(), "INVALID_ARGUMENT");
  request.mutable_update()->clear_shipped_at();
  request.set_request_id("not good");
  EXPECT_EQ(ask(), "INVALID_ARGUMENT");
  request.clear_request_id();
  request.mutable_update_mask()->add_paths("state");
  EXPECT_EQ(ask(), "INVALID_ARGUMENT");
}

TEST_F(DeviceApi, AStateThatIsNoneIsRefused) {
  masa::v1::SetDeviceStateRequest request;
  request.mutable_device()->set_serial_number(issuance::kSerial);
  masa::v1::SetDeviceStateResponse response;
  for (const int state : {0, 8, 99, -1}) {
    request.set_state(static_cast<masa::v1::DeviceState>(state));
    EXPECT_EQ(
        ReasonIn(Ask(&DeviceService::Stub::SetDeviceState, request, &response)),
        "INVALID_ARGUMENT");
  }
}

}  // namespace
}  // namespace masa::authority
