// The rows of ReadStandings: each a device that matches a question, what is
// known of the domain, and one of the owner's certificates for it or none.
// Functions throw as libpqxx does.
#ifndef STORAGE_POSTGRES_STANDING_ROWS_H_
#define STORAGE_POSTGRES_STANDING_ROWS_H_

#include <pqxx/result>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/standing_store.h"

namespace masa::storage {

// All rows, by the question that they answer.
class StandingRows {
 public:
  // The questions outlive this.
  StandingRows(absl::Span<const StandingQuestion> questions,
               const pqxx::result& rows);

  // Asked once for each.
  absl::StatusOr<StandingFacts> AnswerTo(size_t i);

 private:
  // Where the row's device is, which it is the first to name or not.
  StandingFacts& FactsOf(const pqxx::row& row);

  const absl::Span<const StandingQuestion> questions_;
  std::vector<std::vector<StandingFacts>> matches_;  // by question
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_STANDING_ROWS_H_
