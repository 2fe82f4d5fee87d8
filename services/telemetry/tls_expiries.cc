#include "services/telemetry/tls_expiries.h"

#include "absl/time/time.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "services/wire/certificate.h"

namespace masa::telemetry {

std::optional<absl::Time> TlsNotAfter(const std::string& path) {
  const bssl::UniquePtr<BIO> file(BIO_new_file(path.c_str(), "rb"));
  char *name = nullptr, *header = nullptr;
  uint8_t* data = nullptr;
  long length = 0;
  if (file == nullptr ||
      PEM_read_bio(file.get(), &name, &header, &data, &length) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  const bssl::UniquePtr<char> owned_name(name), owned_header(header);
  const bssl::UniquePtr<uint8_t> owned_data(data);
  const auto leaf = wire::Certificate::Parse(
      {reinterpret_cast<const char*>(data), static_cast<size_t>(length)});
  return leaf.ok() ? std::optional((*leaf)->not_after) : std::nullopt;
}

TlsExpiries::TlsExpiries(prometheus::Registry& registry)
    : family_(prometheus::BuildGauge()
                  .Name("masa_tls_cert_not_after_timestamp_seconds")
                  .Help("When a TLS certificate of this process ends")
                  .Register(registry)) {}

void TlsExpiries::Update(const std::map<std::string, std::string>& files) {
  std::erase_if(not_after_, [&](const auto& known) {
    const bool gone = !files.contains(known.first);
    if (gone) {
      family_.Remove(known.second);
    }
    return gone;
  });
  for (const auto& [role, path] : files) {
    prometheus::Gauge*& gauge = not_after_[role];
    if (gauge == nullptr) {
      gauge = &family_.Add({{"role", role}});
    }
    gauge->Set(absl::ToDoubleSeconds(
        TlsNotAfter(path).value_or(absl::UnixEpoch()) - absl::UnixEpoch()));
  }
}

}  // namespace masa::telemetry
