#include "load-tests/hammer/registrar_work.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace masa::hammer {
namespace {

constexpr char kVoucherPath[] = "/.well-known/brski/requestvoucher";
constexpr char kAuditLogPath[] = "/.well-known/brski/requestauditlog";

// One registrar's connection, made anew where it broke, or each time.
class Line {
 public:
  Line(testing::HttpsServer server, const Domain& domain, bool one_shot)
      : server_(std::move(server)), one_shot_(one_shot) {
    options_.identity = domain.registrar;
  }

  absl::StatusOr<testing::HttpAnswer> Post(const char* path,
                                           const std::string& type,
                                           const std::string& body) {
    if (client_ == nullptr) {
      auto client = testing::HttpsClient::Connect(server_, options_);
      if (!client.ok()) {
        return client.status();
      }
      client_ = *std::move(client);
    }
    testing::HttpRequest request;
    request.target = path;
    request.headers["Content-Type"] = type;
    request.body = body;
    auto answer = client_->Send(request);
    if (!answer.ok() || one_shot_) {
      client_.reset();
    }
    return answer;
  }

 private:
  const testing::HttpsServer server_;
  const bool one_shot_;
  testing::HttpsClientOptions options_;
  std::unique_ptr<testing::HttpsClient> client_;
};

class RegistrarWork final : public Operation {
 public:
  RegistrarWork(const Work& work, const MintedRequests& minted, int client,
                const testing::HttpsServer& server, Journal& journal)
      : asks_for_log_(work.kind() == Work::KIND_REQUEST_AUDIT_LOG),
        type_(testing::MediaType(minted.container)),
        requests_(minted.requests[client]),
        line_(server, minted.domains[client], work.one_shot()),
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
    const auto answer = line_.Post(kVoucherPath, type_, request.body);
    if (!answer.ok() || answer->status != 200) {
      return Fault(answer);
    }
    journal_.Given(request.serial, answer->body);
    told_ = &request;
    return 1;
  }

  absl::StatusOr<int> AskForLog() {
    const auto answer = line_.Post(kAuditLogPath, type_, told_->body);
    return answer.ok() && answer->status == 200 ? absl::StatusOr<int>(1)
                                                : Fault(answer);
  }

  static absl::Status Fault(const absl::StatusOr<testing::HttpAnswer>& answer) {
    return answer.ok() ? absl::UnknownError(
                             absl::StrCat(answer->status, " ", answer->body))
                       : answer.status();
  }

  const bool asks_for_log_;
  const std::string type_;
  const std::vector<MintedRequests::Request>& requests_;
  Line line_;
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
