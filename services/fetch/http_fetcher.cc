#include "services/fetch/http_fetcher.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/fetch/fence.h"
#include "services/fetch/url.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::fetch {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = net::ip::tcp;
using Error = beast::error_code;

// Counts one exchange while it lives.
class Place {
 public:
  explicit Place(std::atomic<int>& taken) : taken_(taken), number_(++taken) {}
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  int number() const { return number_; }

 private:
  std::atomic<int>& taken_;
  const int number_;
};

// One exchange, as a chain of calls on an event loop of its own.
class Exchange {
 public:
  Exchange(const Url& url, const FetchRequest& wanted,
           const AddressGuard& guard, size_t body_octets)
      : url_(url),
        guard_(guard),
        body_octets_(body_octets),
        resolver_(loop_),
        stream_(loop_) {
    request_.method(wanted.body.empty() ? http::verb::get : http::verb::post);
    request_.target(url.target);
    request_.version(11);
    request_.set(http::field::host, url.HostHeader());
    request_.set(http::field::connection, "close");
    if (!wanted.body.empty()) {
      request_.set(http::field::content_type, wanted.content_type);
      request_.body() = wanted.body;
      request_.prepare_payload();
    }
    parser_.eager(true);
    parser_.header_limit(16 * 1024);
  }

  absl::StatusOr<std::string> Run(absl::Duration time) {
    stream_.expires_after(
        std::chrono::nanoseconds(absl::ToInt64Nanoseconds(time)));
    resolver_.async_resolve(
        url_.host, url_.port,
        [this](Error error, const tcp::resolver::results_type& found) {
          OnResolved(error, found);
        });
    loop_.run_for(std::chrono::nanoseconds(absl::ToInt64Nanoseconds(time)));
    resolver_.cancel();
    return std::move(outcome_);
  }

 private:
  void OnResolved(Error error, const tcp::resolver::results_type& found) {
    if (error) {
      return;
    }
    for (const auto& entry : found) {
      if (guard_.Allows(entry.endpoint().address())) {
        endpoints_.push_back(entry.endpoint());
      }
    }
    if (endpoints_.empty()) {
      outcome_ = Refuse(Reason::kInvalidArgument,
                        "the address is not public and not allowed");
      return;
    }
    stream_.async_connect(endpoints_, [this](Error failed, const auto&) {
      if (!failed) {
        Ask();
      }
    });
  }

  void Ask() {
    http::async_write(stream_, request_, [this](Error error, size_t) {
      if (error) {
        return;
      }
      ReadOn();
    });
  }

  // The packaged Beast does not hold a response to its parser's body_limit.
  void ReadOn() {
    http::async_read_some(stream_, buffer_, parser_,
                          [this](Error error, size_t) {
                            const size_t size = parser_.get().body().size();
                            if (error || size > body_octets_) {
                              return;
                            }
                            if (!parser_.is_done()) {
                              return ReadOn();
                            }
                            OnAnswer();
                          });
  }

  void OnAnswer() {
    if (parser_.get().result() == http::status::ok) {
      outcome_ = std::move(parser_.get().body());
    }
  }

  const Url& url_;
  const AddressGuard& guard_;
  const size_t body_octets_;
  net::io_context loop_;
  tcp::resolver resolver_;
  beast::tcp_stream stream_;
  std::vector<tcp::endpoint> endpoints_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  absl::StatusOr<std::string> outcome_ =
      Refuse(Reason::kOverloaded, "no answer in time, or none that is 200");
};

}  // namespace

absl::StatusOr<std::string> HttpFetcher::Fetch(const FetchRequest& request,
                                               absl::Time deadline) {
  MASA_ASSIGN_OR_RETURN(const Url url, ParseUrl(request.url));
  const absl::Duration time = std::min(limits_.time, deadline - clock_.Now());
  if (time <= absl::ZeroDuration()) {
    return Refuse(Reason::kOverloaded, "no time is left");
  }
  const Place place(in_flight_);
  if (place.number() > limits_.in_flight) {
    return Refuse(Reason::kOverloaded, "enough is being fetched already");
  }
  return Fenced([&] {
    return Exchange(url, request, guard_, limits_.body_octets).Run(time);
  });
}

}  // namespace masa::fetch
