#include "load-tests/hammer/import_work.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "load-tests/hammer/calls.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/signing/remote/crc32c.h"

namespace masa::hammer {
namespace {

using masa::v1::DeviceService;
using masa::v1::ImportDevicesRequest;

constexpr int kOfAChunk = 1000;  // at most, device.proto
constexpr char kProduct[] = "default";

// The messages of one import.
using Messages = std::vector<ImportDevicesRequest>;

ImportDevicesRequest ChunkOf(const std::string& prefix, int begin, int end,
                             uint64_t sequence) {
  masa::v1::DeviceList list;
  for (int i = begin; i < end; ++i) {
    auto& device = *list.add_devices();
    device.set_serial_number(absl::StrCat(prefix, i));
    device.set_product_id(kProduct);
  }
  ImportDevicesRequest message;
  auto& chunk = *message.mutable_chunk();
  chunk.set_sequence(sequence);
  chunk.set_devices(list.SerializeAsString());
  chunk.set_crc32c(signing::Crc32c(chunk.devices()));
  return message;
}

Messages MessagesOf(const std::string& prefix, int begin, int end) {
  Messages messages(1);
  auto& header = *messages[0].mutable_header();
  header.set_import_id(absl::StrCat("hammer-", prefix, begin));
  header.set_on_conflict(ImportDevicesRequest::ON_CONFLICT_FAIL);
  uint64_t sequence = 0;
  for (int i = begin; i < end; i += kOfAChunk) {
    messages.push_back(
        ChunkOf(prefix, i, std::min(end, i + kOfAChunk), ++sequence));
  }
  messages.emplace_back().mutable_end()->set_last_sequence(sequence);
  return messages;
}

class ImportWork final : public Operation {
 public:
  ImportWork(const Work& work, const std::string& prefix, int begin, int end,
             std::shared_ptr<grpc::Channel> channel)
      : batch_(BatchOf(work)),
        stub_(DeviceService::NewStub(std::move(channel))) {
    for (int i = begin; i + batch_ <= end; i += batch_) {
      imports_.push_back(MessagesOf(prefix, i, i + batch_));
    }
  }

  absl::StatusOr<int> Run() override {
    if (next_ == imports_.size()) {
      return absl::OutOfRangeError("all devices are imported");
    }
    grpc::ClientContext call;
    SetDeadline(call);
    masa::v1::ImportDevicesResponse response;
    const auto stream = stub_->ImportDevices(&call, &response);
    for (const ImportDevicesRequest& message : imports_[next_++]) {
      if (!stream->Write(message)) {
        break;  // Finish says why
      }
    }
    stream->WritesDone();
    const absl::Status status = StatusOf(stream->Finish());
    if (!status.ok()) {
      return status;
    }
    return response.progress().created() == batch_
               ? absl::StatusOr<int>(batch_)
               : absl::UnknownError(response.ShortDebugString());
  }

 private:
  const int batch_;
  const std::unique_ptr<DeviceService::Stub> stub_;
  std::vector<Messages> imports_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Operation> MakeImportWork(
    const Work& work, const std::string& prefix, int begin, int end,
    std::shared_ptr<grpc::Channel> channel) {
  return std::make_unique<ImportWork>(work, prefix, begin, end,
                                      std::move(channel));
}

}  // namespace masa::hammer
