// What an import's stream says to messages that it cannot take, over a socket.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/authority/test_api.h"
#include "services/authority/test_fields.h"
#include "services/rpc/channel.h"
#include "services/signing/remote/crc32c.h"
#include "services/wire/certificate.h"

namespace masa::authority {
namespace {

using masa::v1::DeviceService;
using masa::v1::ImportDevicesRequest;
using masa::v1::ImportDevicesResponse;

class ImportErrors : public Api {
 protected:
  static ImportDevicesRequest Header(int on_conflict = 0) {
    ImportDevicesRequest message;
    message.mutable_header()->set_import_id("i");
    message.mutable_header()->set_on_conflict(
        static_cast<ImportDevicesRequest::OnConflict>(on_conflict));
    return message;
  }

  static ImportDevicesRequest Chunk(uint64_t sequence,
                                    const masa::v1::DeviceList& list) {
    ImportDevicesRequest message;
    message.mutable_chunk()->set_sequence(sequence);
    message.mutable_chunk()->set_devices(list.SerializeAsString());
    message.mutable_chunk()->set_crc32c(
        signing::Crc32c(message.chunk().devices()));
    return message;
  }

  static masa::v1::Device* Add(const std::string& serial,
                               masa::v1::DeviceList* list) {
    auto* device = list->add_devices();
    device->set_serial_number(serial);
    device->set_product_id("default");
    return device;
  }

  // The fields that the stream's refusal names, or "OK".
  std::string Ask(const std::vector<ImportDevicesRequest>& messages,
                  ImportDevicesResponse* response) {
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    const auto stub = DeviceService::NewStub(ChannelOf("operator"));
    const auto writer = stub->ImportDevices(&call, response);
    for (const ImportDevicesRequest& message : messages) {
      if (!writer->Write(message)) {
        break;
      }
    }
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    return status.ok() ? "OK" : FieldsIn(status);
  }
};

TEST_F(ImportErrors, NameTheFieldOfTheMessage) {
  masa::v1::DeviceList two, many;
  Add("I-1", &two);
  Add("I-2", &two);
  for (int i = 0; i < 1001; ++i) {
    Add(absl::StrCat("M-", i), &many);
  }
  constexpr uint64_t kFar = (uint64_t{1} << 63) + 5;
  ImportDevicesRequest end;
  end.mutable_end()->set_last_sequence(kFar);
  const struct {
    std::vector<ImportDevicesRequest> messages;
    const char* fields;
  } cases[] = {
      {{}, "message"},
      {{Header(9)}, "header.on_conflict"},
      {{Header(), Chunk(kFar, two)}, "chunk.sequence"},
      {{Header(), end}, "end.last_sequence"},
      {{Header(), Chunk(1, many)}, "chunk.devices"},
      {{Header()}, "OK"},
  };
  for (const auto& one : cases) {
    ImportDevicesResponse response;
    EXPECT_EQ(Ask(one.messages, &response), one.fields);
    EXPECT_EQ(response.progress().created(), 0);
  }
}

// What was exported while it was offered comes in again: a new device as one
// without a state, one that is on record in the state that it has there.
TEST_F(ImportErrors, ADeviceThatWasInTransferIsTaken) {
  masa::v1::DeviceList list;
  Add("T-1", &list)->set_state(masa::v1::DEVICE_STATE_ALLOCATED);
  Add("T-2", &list)->set_state(masa::v1::DEVICE_STATE_IN_TRANSFER);
  ImportDevicesResponse response;
  ASSERT_EQ(Ask({Header(), Chunk(1, list)}, &response), "OK");
  EXPECT_EQ(response.progress().created(), 2);
  list.mutable_devices(0)->set_state(masa::v1::DEVICE_STATE_IN_TRANSFER);
  list.mutable_devices(0)->set_model("new");
  ImportDevicesRequest update =
      Header(ImportDevicesRequest::ON_CONFLICT_UPDATE);
  update.mutable_header()->set_import_id("another");
  ASSERT_EQ(Ask({update, Chunk(1, list)}, &response), "OK");
  EXPECT_EQ(response.progress().updated(), 2);
  EXPECT_EQ(response.errors_size(), 0);
  const auto found =
      store_.Find({}, {{{"acme", "T-1", {}}, ""}, {{"acme", "T-2", {}}, ""}});
  ASSERT_TRUE(found[0].ok() && found[1].ok());
  EXPECT_EQ(found[0]->device.state, storage::DeviceState::kAllocated);
  EXPECT_EQ(found[0]->device.model, "new");
  EXPECT_EQ(found[1]->device.state, storage::DeviceState::kManufactured);
}

// A line with a certificate or a key that is none is refused; its neighbours
// are taken.
TEST_F(ImportErrors, MalformedCertificatesStayOutside) {
  const std::string der = domain_ca_.CertificateDer();
  const std::string spki = (*wire::Certificate::Parse(der))->spki_der;
  masa::v1::DeviceList list;
  Add("C-0", &list)->set_idevid_cert_der(std::string(3, '\0'));
  Add("C-1", &list)->set_idevid_cert_der(der);
  Add("C-2", &list)->set_idevid_cert_der(der + "x");
  Add("C-3", &list)->set_ek_cert_der("x");
  Add("C-4", &list)->set_ek_public_key_der(spki);
  Add("C-5", &list)->set_ek_public_key_der(spki + "x");
  Add("C-6", &list)->set_ppk_public_key_der(spki.substr(1));
  ImportDevicesResponse response;
  ASSERT_EQ(Ask({Header(), Chunk(1, list)}, &response), "OK");
  EXPECT_EQ(response.progress().created(), 2);
  EXPECT_EQ(response.progress().failed(), 5);
  std::string refused;
  for (const auto& error : response.errors()) {
    EXPECT_EQ(error.reason(), "INVALID_ARGUMENT");
    absl::StrAppend(&refused, error.index());
  }
  EXPECT_EQ(refused, "02356");
}

}  // namespace
}  // namespace masa::authority
