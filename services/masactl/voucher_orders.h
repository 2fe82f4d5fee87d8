// Orders for vouchers of many devices, by one stream after another: what is
// sent is answered, also when the service goes and comes again meanwhile. A
// device that gets none is no error. Not thread-safe.
#ifndef SERVICES_MASACTL_VOUCHER_ORDERS_H_
#define SERVICES_MASACTL_VOUCHER_ORDERS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "proto/masa/v1/voucher.grpc.pb.h"

namespace masa::masactl {

class VoucherOrders {
 public:
  // The next device; none at the end.
  using NextDevice =
      std::function<absl::StatusOr<std::optional<masa::v1::DeviceKey>>()>;
  // Takes what a device got, or why it got none (`REASON: sentence`). An error
  // ends the orders.
  using Take = std::function<absl::Status(
      const masa::v1::DeviceKey& device,
      const absl::StatusOr<masa::v1::IssueVoucherResponse>& voucher)>;

  // `order` is what all ask for, the device apart.
  VoucherOrders(const masa::v1::IssueVoucherRequest& order,
                std::shared_ptr<grpc::Channel> channel);

  // Asks for one voucher for each device. Answers come in any order. An order
  // that was sent before a stream broke off is sent again under its id, so that
  // none is issued twice, and so is one that the service could not take then.
  // Gives up after several streams that bring nothing.
  absl::Status Run(const NextDevice& next, const Take& take);

 private:
  using Stream =
      grpc::ClientReaderWriter<masa::v1::StreamIssueVouchersRequest,
                               masa::v1::StreamIssueVouchersResponse>;

  // One stream, to its end.
  absl::Status RunStream(const NextDevice& next, const Take& take);
  // Sends what is unanswered, then what comes next, and takes all answers. The
  // error of `next` or `take`.
  absl::Status Converse(Stream& stream, const NextDevice& next,
                        const Take& take);
  // False when the service takes no more.
  bool Send(Stream& stream, const std::string& correlation_id);
  // Up to as many as may be unanswered. False when the service takes no more.
  absl::StatusOr<bool> SendMore(Stream& stream, const NextDevice& next);
  absl::Status TakeAnswer(const masa::v1::StreamIssueVouchersResponse& answer,
                          const Take& take);

  const masa::v1::IssueVoucherRequest order_;
  const std::unique_ptr<masa::v1::VoucherService::Stub> stub_;
  const std::string run_id_;
  int sent_ = 0;
  bool ended_ = false;       // there are no more devices
  bool heard_ = false;       // of this stream
  size_t on_their_way_ = 0;  // of this stream
  // By correlation id; those too for which the service had no place.
  std::map<std::string, masa::v1::DeviceKey> unanswered_;
};

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_VOUCHER_ORDERS_H_
