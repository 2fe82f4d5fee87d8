// Statements for items of many callers: one whose value the database refuses
// fails alone. Blocks as what it runs does; for one thread.
#ifndef STORAGE_POSTGRES_IN_HALVES_H_
#define STORAGE_POSTGRES_IN_HALVES_H_

#include <iterator>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {

// The outcome of each item, in their order. `run` gives those of a piece of
// them, or why its statement failed: where a row was the reason (RefusesARow)
// the piece is halved, else all of it fails.
template <typename Outcome, typename Item, typename Run>
std::vector<absl::StatusOr<Outcome>> InHalves(absl::Span<const Item> items,
                                              const Run& run) {
  absl::StatusOr<std::vector<absl::StatusOr<Outcome>>> outcomes = run(items);
  if (outcomes.ok()) {
    return *std::move(outcomes);
  }
  if (items.size() < 2 || !RefusesARow(outcomes.status())) {
    return std::vector<absl::StatusOr<Outcome>>(items.size(),
                                                outcomes.status());
  }
  const size_t half = items.size() / 2;
  auto first = InHalves<Outcome>(items.subspan(0, half), run);
  auto rest = InHalves<Outcome>(items.subspan(half), run);
  std::move(rest.begin(), rest.end(), std::back_inserter(first));
  return first;
}

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_IN_HALVES_H_
