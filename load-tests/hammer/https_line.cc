#include "load-tests/hammer/https_line.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace masa::hammer {

HttpsLine::HttpsLine(testing::HttpsServer server, testing::Identity identity,
                     bool one_shot)
    : server_(std::move(server)), one_shot_(one_shot) {
  options_.identity = std::move(identity);
}

absl::StatusOr<std::string> HttpsLine::Post(const char* path,
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
  if (!answer.ok()) {
    return answer.status();
  }
  if (answer->status != 200) {
    return absl::UnknownError(absl::StrCat(answer->status, " ", answer->body));
  }
  return std::move(answer->body);
}

}  // namespace masa::hammer
