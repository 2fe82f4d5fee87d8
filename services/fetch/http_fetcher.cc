#include "services/fetch/http_fetcher.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "openssl/err.h"
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

constexpr size_t kMostHeaderOctets = 16 * 1024;
constexpr size_t kMostUnread = 4 * kMostHeaderOctets;

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

using ClearStream = beast::tcp_stream;
using TlsStream = net::ssl::stream<beast::tcp_stream>;

// One exchange, as a chain of calls on an event loop of its own. `trust` is the
// context of a TlsStream, and nothing for the other.
template <typename Stream>
class Exchange {
 public:
  template <typename... Trust>
  Exchange(const Url& url, const FetchRequest& wanted,
           const AddressGuard& guard, size_t body_octets, Trust&... trust)
      : url_(url),
        guard_(guard),
        body_octets_(body_octets),
        resolver_(loop_),
        stream_(loop_, trust...),
        // Beast counts neither a chunk's extensions nor trailers.
        buffer_(kMostUnread) {
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
    parser_.header_limit(kMostHeaderOctets);
  }

  absl::StatusOr<std::string> Run(absl::Duration time) {
    beast::get_lowest_layer(stream_).expires_after(
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
    beast::get_lowest_layer(stream_).async_connect(
        endpoints_, [this](Error failed, const auto&) {
          if (!failed) {
            OnConnected();
          }
        });
  }

  void OnConnected() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      stream_.set_verify_callback(net::ssl::host_name_verification(url_.host));
      Error not_an_address;
      net::ip::make_address(url_.host, not_an_address);
      if (not_an_address) {
        SSL_set_tlsext_host_name(stream_.native_handle(), url_.host.c_str());
      }
      stream_.async_handshake(net::ssl::stream_base::client,
                              [this](Error failed) { OnHandshake(failed); });
    } else {
      Ask();
    }
  }

  void OnHandshake(Error failed) {
    ERR_clear_error();
    if (failed) {
      outcome_ = Refuse(Reason::kOverloaded,
                        "no TLS with the server: its certificate must be for "
                        "its name and lead to a trusted one");
      return;
    }
    Ask();
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
  Stream stream_;
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
  if (url.tls && !trust_.has_value()) {
    return Refuse(Reason::kInvalidArgument,
                  "https is not asked on behalf of strangers");
  }
  const absl::Duration time = std::min(limits_.time, deadline - clock_.Now());
  if (time <= absl::ZeroDuration()) {
    return Refuse(Reason::kOverloaded, "no time is left");
  }
  const Place place(in_flight_);
  if (place.number() > limits_.in_flight) {
    return Refuse(Reason::kOverloaded, "enough is being fetched already");
  }
  return Fenced([&] {
    return url.tls ? Exchange<TlsStream>(url, request, guard_,
                                         limits_.body_octets, trust_->context())
                         .Run(time)
                   : Exchange<ClearStream>(url, request, guard_,
                                           limits_.body_octets)
                         .Run(time);
  });
}

}  // namespace masa::fetch
