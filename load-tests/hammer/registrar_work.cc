#include "load-tests/hammer/registrar_work.h"

#include <utility>

#include "load-tests/hammer/https_line.h"

namespace masa::hammer {
namespace {

constexpr char kVoucherPath[] = "/.well-known/brski/requestvoucher";
constexpr char kAuditLogPath[] = "/.well-known/brski/requestauditlog";

class RegistrarWork final : public Operation {
 public:
  RegistrarWork(const Work& work, const MintedRequests& minted, int client,
                const testing::HttpsServer& server, Journal& journal)
      : asks_for_log_(work.kind() == Work::KIND_REQUEST_AUDIT_LOG),
        type_(testing::MediaType(minted.container)),
        requests_(minted.requests[client]),
        line_(server, minted.domains[client].registrar, work.one_shot()),
        journal_(journal) {}

  absl::StatusOr<int> Run() override {
    return asks_for_log_ && told_ != nullptr ? AskForLog() : AskForVoucher();
  }

 private:
  absl::StatusOr<int> AskForVoucher() {
    if (next_ == requests_.size()) {
      return absl::OutOfRangeError("all requests are sent");
    }
    const MintedRequests::Request& request = requests_[next_++];
    const auto voucher = line_.Post(kVoucherPath, type_, request.body);
    if (!voucher.ok()) {
      return voucher.status();
    }
    journal_.Given(request.serial, *voucher);
    told_ = &request;
    return 1;
  }

  absl::StatusOr<int> AskForLog() {
    const auto log = line_.Post(kAuditLogPath, type_, told_->body);
    return log.ok() ? absl::StatusOr<int>(1) : log.status();
  }

  const bool asks_for_log_;
  const std::string type_;
  const std::vector<MintedRequests::Request>& requests_;
  HttpsLine line_;
  Journal& journal_;
  size_t next_ = 0;
  const MintedRequests::Request* told_ = nullptr;  // got its voucher
};

}  // namespace

MintedRequests MintRequests(testing::Container container,
                            const std::vector<testing::Identity>& issuers,
                            int first, int count, int clients) {
  MintedRequests minted;
  minted.container = container;
  minted.domains = MakeDomains(clients);
  minted.requests.resize(clients);
  for (int i = 0; i < count; ++i) {
    const int client = i % clients;
    minted.requests[client].push_back(
        {SerialOf(first + i),
         MakeRequest(container, first + i, minted.domains[client],
                     issuers[i % issuers.size()])});
  }
  return minted;
}

std::unique_ptr<Operation> MakeRegistrarWork(const Work& work,
                                             const MintedRequests& minted,
                                             int client,
                                             const testing::HttpsServer& server,
                                             Journal& journal) {
  return std::make_unique<RegistrarWork>(work, minted, client, server, journal);
}

}  // namespace masa::hammer
