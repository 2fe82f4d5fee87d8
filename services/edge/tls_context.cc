#include "services/edge/tls_context.h"

#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "openssl/pool.h"
#include "openssl/x509.h"
#include "openssl/x509v3.h"
#include "services/edge/face.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

using Buffers = std::vector<bssl::UniquePtr<CRYPTO_BUFFER>>;

absl::Status Misconfigured(size_t index, const char* what) {
  return Refuse(
      Reason::kMisconfigured,
      absl::StrCat("tls identity ", index, ": ", what, ": ", DrainTlsErrors()));
}

bssl::UniquePtr<BIO> Reader(const std::string& text) {
  return bssl::UniquePtr<BIO>(BIO_new_mem_buf(text.data(), text.size()));
}

Buffers ReadChain(const std::string& chain_pem) {
  Buffers chain;
  bssl::UniquePtr<BIO> reader = Reader(chain_pem);
  char* name = nullptr;
  char* header = nullptr;
  uint8_t* data = nullptr;
  long length = 0;
  while (PEM_read_bio(reader.get(), &name, &header, &data, &length) == 1) {
    bssl::UniquePtr<char> owned_name(name);
    bssl::UniquePtr<char> owned_header(header);
    bssl::UniquePtr<uint8_t> owned_data(data);
    if (absl::string_view(name) == PEM_STRING_X509) {
      chain.emplace_back(CRYPTO_BUFFER_new(data, length, nullptr));
    }
  }
  ERR_clear_error();  // the end of the text counts as an error
  return chain;
}

// TR-07: a registrar checks the name that it calls against the certificate.
absl::Status CheckNames(const CRYPTO_BUFFER* leaf, size_t index,
                        const std::vector<std::string>& host_names) {
  const uint8_t* der = CRYPTO_BUFFER_data(leaf);
  const bssl::UniquePtr<X509> certificate(
      d2i_X509(nullptr, &der, static_cast<long>(CRYPTO_BUFFER_len(leaf))));
  if (certificate == nullptr) {
    return Misconfigured(index, "the first certificate does not parse");
  }
  for (const std::string& name : host_names) {
    if (X509_check_host(certificate.get(), name.data(), name.size(), 0,
                        nullptr) != 1 &&
        X509_check_ip_asc(certificate.get(), name.c_str(), 0) != 1) {
      ERR_clear_error();
      return Refuse(Reason::kMisconfigured,
                    absl::StrCat("tls identity ", index,
                                 ": its certificate does not name ", name));
    }
  }
  return absl::OkStatus();
}

absl::Status UseIdentity(SSL_CTX* context, size_t index,
                         const TlsIdentity& identity) {
  const Buffers chain = ReadChain(identity.chain_pem);
  if (chain.empty()) {
    return Misconfigured(index, "no certificate in the chain");
  }
  MASA_RETURN_IF_ERROR(
      CheckNames(chain.front().get(), index, identity.host_names));
  bssl::UniquePtr<BIO> reader = Reader(identity.key_pem);
  bssl::UniquePtr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(reader.get(), nullptr, nullptr, nullptr));
  if (key == nullptr) {
    return Misconfigured(index, "key does not parse");
  }
  std::vector<CRYPTO_BUFFER*> pointers;
  for (const auto& certificate : chain) {
    pointers.push_back(certificate.get());
  }
  if (SSL_CTX_set_chain_and_key(context, pointers.data(), pointers.size(),
                                key.get(), nullptr) != 1) {
    return Misconfigured(index, "chain and key do not belong together");
  }
  return absl::OkStatus();
}

constexpr size_t kMostChainOctets = 32 * 1024;

// A ticket holds the client's chain, and clients take no message beyond 16 KiB.
constexpr size_t kMostChainOfTicket = 12 * 1024;

// TR-12: an unknown issuer is no fault of the handshake.
ssl_verify_result_t AcceptAnyPeer(SSL* ssl, uint8_t* alert) {
  size_t octets = 0;
  const STACK_OF(CRYPTO_BUFFER)* chain = SSL_get0_peer_certificates(ssl);
  for (size_t i = 0; i < sk_CRYPTO_BUFFER_num(chain); ++i) {
    octets += CRYPTO_BUFFER_len(sk_CRYPTO_BUFFER_value(chain, i));
  }
  if (octets > kMostChainOfTicket) {
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
  }
  return ssl_verify_ok;
}

// What a client may sign its handshake with: by each kind of key that EST
// certifies, and not by SHA-1 (RFC 9155), which is in the library's own list.
constexpr uint16_t kSignedWith[] = {
    SSL_SIGN_ECDSA_SECP256R1_SHA256, SSL_SIGN_ED25519,
    SSL_SIGN_ECDSA_SECP384R1_SHA384, SSL_SIGN_ECDSA_SECP521R1_SHA512,
    SSL_SIGN_RSA_PSS_RSAE_SHA256,    SSL_SIGN_RSA_PSS_RSAE_SHA384,
    SSL_SIGN_RSA_PSS_RSAE_SHA512,    SSL_SIGN_RSA_PKCS1_SHA256,
    SSL_SIGN_RSA_PKCS1_SHA384,       SSL_SIGN_RSA_PKCS1_SHA512,
};

absl::StatusOr<bssl::UniquePtr<SSL_CTX>> NewContext(size_t index,
                                                    const TlsIdentity& identity,
                                                    int verify_mode) {
  bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_with_buffers_method()));
  if (context == nullptr ||
      SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_verify_algorithm_prefs(context.get(), kSignedWith,
                                         std::size(kSignedWith)) != 1) {
    return Misconfigured(index, "no TLS context");
  }
  MASA_RETURN_IF_ERROR(UseIdentity(context.get(), index, identity));
  SSL_CTX_set_custom_verify(context.get(), verify_mode, AcceptAnyPeer);
  // A session of one tenant is never resumed under another (TR-10).
  const std::string session_context = absl::StrCat("masa-edge-", index);
  SSL_CTX_set_session_id_context(
      context.get(), reinterpret_cast<const uint8_t*>(session_context.data()),
      session_context.size());
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  // What strangers send is not kept: sessions live in tickets alone (TR-26),
  // and a chain is no longer than real ones are.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context.get(), kMostChainOctets);
  return context;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::New(
    const std::vector<TlsIdentity>& identities,
    bool client_certificate_required) {
  const int verify_mode =
      SSL_VERIFY_PEER |
      (client_certificate_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
  if (identities.empty()) {
    return Refuse(Reason::kMisconfigured, "no tls identity given");
  }
  std::unique_ptr<TlsContext> tls(new TlsContext());
  for (size_t i = 0; i < identities.size(); ++i) {
    MASA_ASSIGN_OR_RETURN(bssl::UniquePtr<SSL_CTX> context,
                          NewContext(i, identities[i], verify_mode));
    tls->contexts_.push_back(std::move(context));
    for (const std::string& name : identities[i].host_names) {
      if (!tls->identity_by_name_.emplace(name, i).second) {
        return Refuse(Reason::kMisconfigured,
                      absl::StrCat("host name ", name, " is given twice"));
      }
    }
  }
  SSL_CTX_set_tlsext_servername_callback(tls->default_context(), PickByName);
  SSL_CTX_set_tlsext_servername_arg(tls->default_context(), tls.get());
  return tls;
}

int TlsContext::IdentityOf(const std::string& host_name) const {
  const auto found = identity_by_name_.find(host_name);
  return found == identity_by_name_.end() ? -1 : found->second;
}

int TlsContext::PickByName(SSL* ssl, int* alert, void* self) {
  const auto* tls = static_cast<const TlsContext*>(self);
  const std::string name = ServerNameOf(ssl);
  const int identity = tls->IdentityOf(name);
  // An unknown name sees the first certificate, and no tenant's data: the name
  // travels with each request (TR-10).
  if (identity > 0) {
    SSL_set_SSL_CTX(ssl, tls->contexts_[identity].get());
  }
  if (FaceOf(name) == Face::kCloud) {
    SSL_set_custom_verify(
        ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, AcceptAnyPeer);
  }
  return SSL_TLSEXT_ERR_OK;
}

std::string ServerNameOf(const SSL* ssl) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string() : absl::AsciiStrToLower(name);
}

std::vector<std::string> PeerChainOf(const SSL* ssl) {
  std::vector<std::string> chain;
  const STACK_OF(CRYPTO_BUFFER)* certificates = SSL_get0_peer_certificates(ssl);
  const size_t count =
      certificates == nullptr ? 0 : sk_CRYPTO_BUFFER_num(certificates);
  for (size_t i = 0; i < count; ++i) {
    const CRYPTO_BUFFER* der = sk_CRYPTO_BUFFER_value(certificates, i);
    chain.emplace_back(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(der)),
                       CRYPTO_BUFFER_len(der));
  }
  return chain;
}

std::string OwnCertificateOf(const SSL* ssl) {
  const STACK_OF(CRYPTO_BUFFER)* chain =
      SSL_CTX_get0_chain(SSL_get_SSL_CTX(ssl));
  const CRYPTO_BUFFER* leaf =
      chain == nullptr || sk_CRYPTO_BUFFER_num(chain) == 0
          ? nullptr
          : sk_CRYPTO_BUFFER_value(chain, 0);
  return leaf == nullptr
             ? std::string()
             : std::string(
                   reinterpret_cast<const char*>(CRYPTO_BUFFER_data(leaf)),
                   CRYPTO_BUFFER_len(leaf));
}

std::string ChannelBindingOf(SSL* ssl) {
  constexpr absl::string_view kLabel = "EXPORTER-Channel-Binding";
  constexpr size_t kExported = 32;
  uint8_t octets[64];
  size_t length = 0;
  if (SSL_version(ssl) >= TLS1_3_VERSION) {
    length = SSL_export_keying_material(ssl, octets, kExported, kLabel.data(),
                                        kLabel.size(), nullptr, 0, 1) == 1
                 ? kExported
                 : 0;
  } else if (SSL_get_tls_unique(ssl, octets, &length, sizeof(octets)) != 1) {
    length = 0;
  }
  return std::string(reinterpret_cast<const char*>(octets), length);
}

std::string DrainTlsErrors() {
  const uint32_t first = ERR_get_error();
  ERR_clear_error();
  const char* text = first == 0 ? nullptr : ERR_reason_error_string(first);
  return text == nullptr ? "no detail" : text;
}

}  // namespace masa::edge
