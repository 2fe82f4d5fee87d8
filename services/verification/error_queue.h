// BoringSSL's errors lie in a queue of the thread; what one check left there
// must not be read by the next.
#ifndef SERVICES_VERIFICATION_ERROR_QUEUE_H_
#define SERVICES_VERIFICATION_ERROR_QUEUE_H_

#include "openssl/err.h"

namespace masa::verification {

// Empties the queue at the end of the block.
class ErrorQueueDrain {
 public:
  ErrorQueueDrain() = default;
  ~ErrorQueueDrain() { ERR_clear_error(); }
  ErrorQueueDrain(const ErrorQueueDrain&) = delete;
  ErrorQueueDrain& operator=(const ErrorQueueDrain&) = delete;
};

}  // namespace masa::verification

#endif  // SERVICES_VERIFICATION_ERROR_QUEUE_H_
