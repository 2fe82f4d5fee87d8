// An HTTP answer as a value, and its bytes. Every error's body is one plain
// sentence (RFC 8995 section 5.6; EP-31).
#ifndef SERVICES_EDGE_ANSWER_H_
#define SERVICES_EDGE_ANSWER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace masa::edge {

struct Answer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool is_secret = false;  // what holds the body is wiped once it is sent
};

// A plain-text answer of one sentence.
Answer PlainAnswer(int status, const std::string& sentence);

// What `status`, which is not OK, looks like from outside: the table's HTTP
// code; Retry-After on 503 and 429 (EP-42) and on 202 (EP-41),
// WWW-Authenticate on 401 (EP-38).
Answer ErrorAnswer(const absl::Status& status, absl::Duration retry_after);

// How one answer is put on the wire.
struct Framing {
  std::string request_id = "";
  absl::Time date = absl::UnixEpoch();
  bool keep_alive = true;
  bool omit_body = false;  // HEAD: the length is said, the body is not sent
};

// Header and body in one piece, so that they leave in one write. Values of
// headers with control characters are dropped: nothing that a desk returns can
// split an answer.
std::string EncodeAnswer(const Answer& answer, const Framing& framing);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_ANSWER_H_
