#include "services/wire/pledge_artifact.h"

#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cbor.h"
#include "services/wire/cose_labels.h"
#include "services/wire/voucher_request.h"

namespace masa::wire {
namespace {

using Kind = CborItem::Kind;

bool IsSign1(const CborItem& item) {
  return item.Is(Kind::kArray) && item.items.size() == 4 &&
         item.items[0].Is(Kind::kOctets) && item.items[1].Is(Kind::kMap) &&
         item.items[2].Is(Kind::kOctets) && item.items[3].Is(Kind::kOctets);
}

}  // namespace

absl::StatusOr<std::string> WithoutUnprotected(absl::string_view cose) {
  MASA_ASSIGN_OR_RETURN(CborItem item, ReadCbor(cose));
  if (item.Is(Kind::kTag) && item.number == kCoseSign1Tag) {
    CborItem inner = std::move(item.items.front());
    item = std::move(inner);
  }
  if (!IsSign1(item)) {
    return Refuse(Reason::kMalformed, "not a COSE_Sign1 with its payload");
  }
  std::string bare;
  bare.reserve(cose.size());
  AppendCborTag(kCoseSign1Tag, &bare);
  AppendCborArrayHead(4, &bare);
  AppendCborOctets(item.items[0].octets, &bare);
  AppendCborMapHead(0, &bare);
  AppendCborOctets(item.items[2].octets, &bare);
  AppendCborOctets(item.items[3].octets, &bare);
  return bare;
}

absl::StatusOr<Voucher> ReadVoucher(masa::v1::Format format,
                                    absl::string_view artifact) {
  MASA_ASSIGN_OR_RETURN(const VoucherRequest read,
                        ParseVoucherRequest(format, artifact));
  return ParseVoucherContent(format, read.artifact.payload);
}

}  // namespace masa::wire
