// The rows of ReadStandings, which are of three kinds: devices that match a
// question, domain certificates of their owners, and what is known of each
// domain. Functions throw as libpqxx does.
#ifndef STORAGE_POSTGRES_STANDING_ROWS_H_
#define STORAGE_POSTGRES_STANDING_ROWS_H_

#include <map>
#include <optional>
#include <pqxx/binarystring>
#include <pqxx/result>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "storage/postgres/run_transaction.h"
#include "storage/standing_store.h"

namespace masa::storage {

// The domains that questions are about, each once, numbered from 1.
class DomainNumbers {
 public:
  explicit DomainNumbers(absl::Span<const StandingQuestion> questions);

  // Of question i; 0: no domain.
  int Of(size_t i) const { return of_question_[i]; }
  // In the order of their numbers: tenant, hash.
  const std::vector<std::pair<std::string, std::string>>& domains() const {
    return domains_;
  }

 private:
  std::vector<int> of_question_;
  std::vector<std::pair<std::string, std::string>> domains_;
};

// All rows, sorted by what they are of.
class StandingRows {
 public:
  // `numbers` outlives this.
  StandingRows(absl::Span<const StandingQuestion> questions,
               const DomainNumbers& numbers, const pqxx::result& rows);

  // Asked once for each.
  absl::StatusOr<StandingFacts> AnswerTo(size_t i);

 private:
  struct Match {
    Device device;
    std::string path;  // of its group
  };
  struct Cert {
    OwnerCert cert;
    std::string group_id;
  };

  void AddDevice(const pqxx::row& row);
  void AddCert(const pqxx::row& row);
  void AddDomain(const pqxx::row& row);
  std::vector<OwnerCert> CertsFor(const Match& match, int domain) const;

  const absl::Span<const StandingQuestion> questions_;
  const DomainNumbers& numbers_;
  std::vector<std::vector<Match>> matches_;  // by question
  // By number of the domain and organisation.
  std::map<std::pair<int, std::string>, std::vector<Cert>> certs_;
  std::vector<DomainFacts> domains_;  // by number; the first is no domain's
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_STANDING_ROWS_H_
