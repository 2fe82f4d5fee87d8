#include "services/edge/tls_engine.h"

#include "openssl/bio.h"
#include "openssl/err.h"

namespace masa::edge {
namespace {

// Being empty is no end for it.
BIO* NewMemory() {
  BIO* memory = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(memory, -1);
  return memory;
}

}  // namespace

TlsEngine::TlsEngine(SSL_CTX* context)
    : ssl_(SSL_new(context)), input_(NewMemory()), output_(NewMemory()) {
  SSL_set_bio(ssl_.get(), input_, output_);
  SSL_set_accept_state(ssl_.get());
}

void TlsEngine::Feed(absl::string_view octets) {
  BIO_write(input_, octets.data(), static_cast<int>(octets.size()));
}

absl::string_view TlsEngine::Output() const {
  const uint8_t* data = nullptr;
  size_t size = 0;
  BIO_mem_contents(output_, &data, &size);
  return absl::string_view(reinterpret_cast<const char*>(data), size)
      .substr(sent_);
}

void TlsEngine::Sent(size_t octets) {
  sent_ += octets;
  if (Output().empty()) {
    BIO_reset(output_);
    sent_ = 0;
  }
}

TlsStep TlsEngine::StepOf(int result) const {
  if (result > 0) {
    return TlsStep::kDone;
  }
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return TlsStep::kWantsInput;
    case SSL_ERROR_ZERO_RETURN:
      return TlsStep::kGoodbye;
    default:
      return TlsStep::kFailed;
  }
}

TlsStep TlsEngine::Handshake() { return StepOf(SSL_do_handshake(ssl_.get())); }

TlsStep TlsEngine::Read(void* data, size_t size, size_t* read) {
  const int result = SSL_read(ssl_.get(), data, static_cast<int>(size));
  *read = result > 0 ? static_cast<size_t>(result) : 0;
  return StepOf(result);
}

TlsStep TlsEngine::Write(absl::string_view data) {
  return StepOf(
      SSL_write(ssl_.get(), data.data(), static_cast<int>(data.size())));
}

void TlsEngine::EndWriting() {
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace masa::edge
