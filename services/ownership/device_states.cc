#include "services/ownership/device_states.h"

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

using State = storage::DeviceState;

constexpr unsigned Bit(State state) { return 1u << static_cast<int>(state); }

template <typename... States>
constexpr unsigned Any(States... states) {
  return (Bit(states) | ... | 0u);
}

struct Row {
  State from;
  absl::string_view name;
  unsigned to;
};

// An offer alone puts a device in transfer (transfer_plans.h), and leaves this
// table out. A block is lifted to where BlockDevices puts it, or ends in the
// workshop or the shredder. What is scrapped stays so: its keys may be
// anywhere.
constexpr Row kTable[] = {
    {State::kManufactured, "MANUFACTURED",
     Any(State::kAllocated, State::kClaimed, State::kReturned, State::kBlocked,
         State::kScrapped)},
    {State::kAllocated, "ALLOCATED",
     Any(State::kManufactured, State::kClaimed, State::kReturned,
         State::kBlocked, State::kScrapped)},
    {State::kClaimed, "CLAIMED",
     Any(State::kReturned, State::kBlocked, State::kScrapped)},
    {State::kInTransfer, "IN_TRANSFER",
     Any(State::kAllocated, State::kClaimed, State::kReturned, State::kBlocked,
         State::kScrapped)},
    {State::kReturned, "RETURNED",
     Any(State::kManufactured, State::kAllocated, State::kBlocked,
         State::kScrapped)},
    {State::kBlocked, "BLOCKED",
     Any(State::kManufactured, State::kReturned, State::kScrapped)},
    {State::kScrapped, "SCRAPPED", Any()},
};

const Row* RowOf(State state) {
  for (const Row& row : kTable) {
    if (row.from == state) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace

absl::string_view NameOf(State state) {
  const Row* row = RowOf(state);
  return row == nullptr ? "" : row->name;
}

absl::Status CheckTransition(State from, State to) {
  const Row* row = RowOf(from);
  if (row != nullptr && RowOf(to) != nullptr &&
      (from == to || (row->to & Bit(to)) != 0)) {
    return absl::OkStatus();
  }
  return Refuse(Reason::kStateNotAllowed,
                absl::StrCat("a device that is ", NameOf(from),
                             " cannot become ", NameOf(to)));
}

}  // namespace masa::ownership
