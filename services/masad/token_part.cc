#include "services/masad/token_part.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "services/status/macros.h"

namespace masa::masad {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(3);

constexpr fetch::HttpLimits kLimits = {kPatience, 256 * 1024, 1};
constexpr char kAnchorsOfTheMachine[] = "/etc/ssl/certs/ca-certificates.crt";

absl::StatusOr<std::unique_ptr<fetch::HttpFetcher>> TlsFetcherFor(
    const masa::v1::OidcIssuer& issuer, const Setup& setup,
    const Clock& clock) {
  MASA_ASSIGN_OR_RETURN(
      fetch::AddressGuard guard,
      fetch::AddressGuard::Create(
          {issuer.jwks_networks().begin(), issuer.jwks_networks().end()}));
  MASA_ASSIGN_OR_RETURN(
      const std::string anchors,
      TextOf(setup, issuer.jwks_ca_file().empty() ? kAnchorsOfTheMachine
                                                  : issuer.jwks_ca_file()));
  MASA_ASSIGN_OR_RETURN(fetch::TlsTrust trust,
                        fetch::TlsTrust::FromPem(anchors));
  return std::make_unique<fetch::HttpFetcher>(std::move(guard), clock, kLimits,
                                              std::move(trust));
}

// The keys come in the clear, so from this machine or a network that the
// operator names, where a proxy speaks TLS with the provider.
absl::StatusOr<std::unique_ptr<fetch::HttpFetcher>> ClearFetcherFor(
    const masa::v1::OidcIssuer& issuer, const Clock& clock) {
  std::vector<std::string> networks = {"127.0.0.0/8", "::1/128"};
  networks.insert(networks.end(), issuer.jwks_networks().begin(),
                  issuer.jwks_networks().end());
  MASA_ASSIGN_OR_RETURN(fetch::AddressGuard guard,
                        fetch::AddressGuard::CreateClosed(networks));
  return std::make_unique<fetch::HttpFetcher>(std::move(guard), clock, kLimits);
}

absl::StatusOr<std::unique_ptr<fetch::HttpFetcher>> FetcherFor(
    const masa::v1::OidcIssuer& issuer, const Setup& setup,
    const Clock& clock) {
  return absl::StartsWith(issuer.jwks_url(), "https://")
             ? TlsFetcherFor(issuer, setup, clock)
             : ClearFetcherFor(issuer, clock);
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenPart>> TokenPart::New(const Setup& setup) {
  std::unique_ptr<TokenPart> made;
  const auto& issuers = setup.config.authority().oidc();
  if (issuers.empty()) {
    return made;
  }
  made.reset(new TokenPart());
  std::map<std::string, fetch::HttpFetcher*> fetchers;
  for (const masa::v1::OidcIssuer& issuer : issuers) {
    MASA_ASSIGN_OR_RETURN(auto fetcher,
                          FetcherFor(issuer, setup, made->clock_));
    fetchers[issuer.issuer()] = fetcher.get();
    made->fetchers_.push_back(std::move(fetcher));
  }
  const auto reader_of =
      [&](const masa::v1::OidcIssuer& issuer) -> identity::KeySet::Read {
    if (!issuer.jwks_file().empty()) {
      const Setup files{{}, setup.folder};
      return [files, name = issuer.jwks_file()] { return TextOf(files, name); };
    }
    return [fetcher = fetchers[issuer.issuer()], &clock = made->clock_,
            url = issuer.jwks_url()] {
      return fetcher->Fetch({url, "", ""}, clock.Now() + kPatience);
    };
  };
  MASA_ASSIGN_OR_RETURN(made->issuers_,
                        identity::TokenIssuers::Create(
                            issuers, reader_of, made->verifier_, made->clock_));
  return made;
}

rpc::Gate::AuthenticateToken TokenPart::Authenticate() {
  return [this](const std::string& token) { return issuers_->Identify(token); };
}

}  // namespace masa::masad
