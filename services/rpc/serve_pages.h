// A server stream of pages: items go out one by one, and the next page is
// fetched on the executor when the one before is out, so that nothing is held
// that the client has not taken. Each page is for whom the gate admits then: a
// token may end before the stream does.
#ifndef SERVICES_RPC_SERVE_PAGES_H_
#define SERVICES_RPC_SERVE_PAGES_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/rpc/serve_unary.h"

namespace masa::rpc {

// The next items; none at the end. Blocks; called once at a time.
template <typename Item>
using NextPage = std::function<absl::StatusOr<std::vector<Item>>(
    const RequestContext& context, const identity::Principal& caller)>;

template <typename Item>
class PageWriter final : public grpc::ServerWriteReactor<Item> {
 public:
  // Deletes itself when the stream is done.
  PageWriter(grpc::CallbackServerContext* context, const Serving& serving,
             const std::string& service, NextPage<Item> next)
      : serving_(serving),
        next_(std::move(next)),
        service_(service),
        shown_(CredentialsOf(*context, serving.gate)),
        context_(ContextOf(*context)),
        end_(context, serving.gate, service, context_) {
    Fetch();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      this->Finish(grpc::Status(grpc::StatusCode::CANCELLED, "client left"));
    } else if (at_ < page_.size()) {
      Write();
    } else {
      Fetch();
    }
  }
  void OnDone() override { delete this; }

 private:
  void Write() { this->StartWrite(&page_[at_++]); }

  void Fetch() {
    if (!serving_.executor.TrySubmit([this] { FetchNow(); })) {
      this->Finish(end_.Tell(Refuse(Reason::kOverloaded,
                                    "the service has too much to do; retry")));
    }
  }

  void FetchNow() {
    const auto caller = serving_.gate.Admit(service_, shown_);
    if (!caller.ok()) {
      this->Finish(end_.Tell(caller.status()));
      return;
    }
    auto page = absl::Now() >= context_.deadline
                    ? Refuse(Reason::kDeadlineExceeded,
                             "the call's deadline passed within the stream")
                    : next_(context_, *caller);
    if (!page.ok() || page->empty()) {
      this->Finish(end_.Tell(page.status()));
      return;
    }
    page_ = *std::move(page);
    at_ = 0;
    Write();
  }

  const Serving serving_;
  const NextPage<Item> next_;
  const std::string service_;
  const Credentials shown_;
  const RequestContext context_;
  const CallEnd end_;
  // Touched by one of fetching and writing at a time.
  std::vector<Item> page_;
  size_t at_ = 0;
};

// Serves one call of `service` in pages. What `next` holds lives until the
// stream is done.
template <typename Item>
grpc::ServerWriteReactor<Item>* ServePages(grpc::CallbackServerContext* context,
                                           const Serving& serving,
                                           const std::string& service,
                                           NextPage<Item> next) {
  return new PageWriter<Item>(context, serving, service, std::move(next));
}

}  // namespace masa::rpc

#endif  // SERVICES_RPC_SERVE_PAGES_H_
