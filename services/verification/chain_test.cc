// Chains made on the spot: what RFC 8995's own artifacts do not show.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/verification/boring_verifier.h"
#include "services/verification/caching_verifier.h"

namespace masa::verification {
namespace {

using testing::CertificateSpec;
using testing::Identity;
using testing::MakeIdentity;

absl::Time Now() {
  return absl::FromCivil(absl::CivilSecond(2026, 11, 24, 3, 0, 0),
                         absl::UTCTimeZone());
}

CertificateSpec Spec(const std::string& name, bool is_ca) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = Now() - absl::Hours(24);
  spec.not_after = Now() + absl::Hours(24);
  spec.is_ca = is_ca;
  return spec;
}

struct Domain {
  Identity root = MakeIdentity(Spec("root", true));
  Identity ca = MakeIdentity(Spec("ca", true), &root);
  Identity registrar = MakeIdentity(RegistrarSpec(), &ca);

  static CertificateSpec RegistrarSpec() {
    CertificateSpec spec = Spec("registrar", false);
    spec.extended_key_usages = {testing::kCmcRa};
    spec.extended_key_usage_critical = true;
    return spec;
  }
};

Reason ReasonFor(const ChainQuestion& question) {
  const auto chain = BoringVerifier().VerifyChain(question);
  return chain.ok() ? Reason::kInternal : ReasonOf(chain.status());
}

// RV-04: whatever stands at the top may be the anchor of one question, also a
// certificate that is not self-signed. RV-10: a critical EKU of cmcRA alone.
TEST(BoringVerifier, AnyCertificateAboveTheLeafMayBeTheAnchor) {
  const Domain domain;
  const std::string leaf = domain.registrar.CertificateDer();
  const std::string ca = domain.ca.CertificateDer();
  const std::string root = domain.root.CertificateDer();
  const struct {
    const char* name;
    std::vector<std::string> others;
    std::string anchor;
    std::vector<std::string> chain;
  } cases[] = {
      {"root", {ca}, root, {leaf, ca, root}},
      {"root sent along, shuffled", {root, leaf, ca}, root, {leaf, ca, root}},
      {"intermediate", {}, ca, {leaf, ca}},
      {"intermediate sent along", {ca}, ca, {leaf, ca}},
      {"leaf", {ca, root}, leaf, {leaf}},
  };
  for (const auto& c : cases) {
    const auto chain =
        BoringVerifier().VerifyChain({leaf, c.others, {c.anchor}, Now()});
    ASSERT_TRUE(chain.ok()) << c.name << ": " << chain.status();
    EXPECT_EQ(chain->chain_der, c.chain) << c.name;
    EXPECT_EQ(chain->not_after, Now() + absl::Hours(24)) << c.name;
  }
}

TEST(BoringVerifier, RefusesChainsThatDoNotHold) {
  const Domain domain;
  const Domain stranger;  // the same names, other keys
  const Identity not_ca = MakeIdentity(Spec("not a ca", false), &domain.ca);
  const Identity below = MakeIdentity(Spec("below", false), &not_ca);
  const std::string leaf = domain.registrar.CertificateDer();
  const std::string ca = domain.ca.CertificateDer();
  const std::string root = domain.root.CertificateDer();
  const struct {
    const char* name;
    ChainQuestion question;
  } cases[] = {
      {"no anchor", {leaf, {ca, root}, {}, Now()}},
      {"a missing intermediate", {leaf, {}, {root}, Now()}},
      {"an anchor of the same name",
       {leaf, {ca}, {stranger.root.CertificateDer()}, Now()}},
      {"an issuer of the same name",
       {leaf, {}, {stranger.ca.CertificateDer()}, Now()}},
      {"an issuer that is no CA",
       {below.CertificateDer(), {not_ca.CertificateDer(), ca}, {root}, Now()}},
      {"garbage beside", {leaf, {ca, "garbage"}, {root}, Now()}},
      {"too many", {leaf, std::vector<std::string>(33, ca), {root}, Now()}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ReasonFor(c.question), Reason::kChainInvalid) << c.name;
    ChainQuestion any_time = c.question;
    any_time.ignore_validity = true;
    EXPECT_EQ(ReasonFor(any_time), Reason::kChainInvalid) << c.name;
  }
}

// RV-32: on both sides of the validity, for a chain and for a leaf alone.
TEST(BoringVerifier, JudgesValidityAtTheTimeOfTheQuestion) {
  const Domain domain;
  const std::string leaf = domain.registrar.CertificateDer();
  const std::string ca = domain.ca.CertificateDer();
  const struct {
    const char* name;
    absl::Duration from_now;
    Reason reason;
  } cases[] = {
      {"first second", -absl::Hours(24), Reason::kInternal},
      {"last second", absl::Hours(24) - absl::Seconds(1), Reason::kInternal},
      {"before", -absl::Hours(24) - absl::Seconds(1),
       Reason::kCertificateExpired},
      {"after", absl::Hours(24) + absl::Seconds(1),
       Reason::kCertificateExpired},
  };
  for (const auto& c : cases) {
    for (const std::string& anchor : {ca, leaf}) {
      ChainQuestion question{leaf, {}, {anchor}, Now() + c.from_now};
      EXPECT_EQ(ReasonFor(question), c.reason) << c.name;
      question.ignore_validity = true;  // PV-22
      EXPECT_EQ(ReasonFor(question), Reason::kInternal) << c.name;
    }
  }
}

TEST(BoringVerifier, RefusesChainsThatAreTooLong) {
  std::vector<Identity> path = {MakeIdentity(Spec("anchor", true))};
  std::vector<std::string> others;
  for (int i = 0; i < 12; ++i) {
    path.push_back(
        MakeIdentity(Spec("ca " + std::to_string(i), true), &path.back()));
    others.push_back(path.back().CertificateDer());
  }
  const std::string anchor = path.front().CertificateDer();
  EXPECT_EQ(ReasonFor({path[12].CertificateDer(), others, {anchor}, Now()}),
            Reason::kChainInvalid);
  EXPECT_EQ(ReasonFor({path[6].CertificateDer(), others, {anchor}, Now()}),
            Reason::kInternal);
}

// What was verified for one time or set of anchors answers no other question.
TEST(CachingVerifier, AnswersOnlyTheQuestionThatWasAsked) {
  const Domain domain;
  const Domain stranger;
  const BoringVerifier inner;
  const CachingVerifier verifier(inner, 64);
  ChainQuestion question{domain.registrar.CertificateDer(),
                         {domain.ca.CertificateDer()},
                         {domain.root.CertificateDer()},
                         Now()};
  question.ignore_validity = true;
  ASSERT_TRUE(verifier.VerifyChain(question).ok());
  question.ignore_validity = false;
  ASSERT_TRUE(verifier.VerifyChain(question).ok());
  ASSERT_TRUE(verifier.VerifyChain(question).ok());
  for (const absl::Duration from_now :
       {-absl::Hours(25), absl::Hours(24) + absl::Seconds(1)}) {
    question.at = Now() + from_now;
    EXPECT_EQ(ReasonOf(verifier.VerifyChain(question).status()),
              Reason::kCertificateExpired)
        << from_now;
  }
  question.at = Now();
  question.anchors_der = {stranger.root.CertificateDer()};
  EXPECT_EQ(ReasonOf(verifier.VerifyChain(question).status()),
            Reason::kChainInvalid);
  EXPECT_EQ(verifier.counts().hits(), 1);
  EXPECT_EQ(verifier.counts().misses(), 5);
  question.asked_once = true;
  EXPECT_FALSE(verifier.VerifyChain(question).ok());
  EXPECT_EQ(verifier.counts().misses(), 5);
}

TEST(CachingVerifier, ServesManyThreadsFromItsParts) {
  const Domain domain;
  const BoringVerifier inner;
  const CachingVerifier verifier(inner, 1024);
  std::vector<ChainQuestion> questions;
  for (int i = 0; i < 8; ++i) {
    questions.push_back(
        {MakeIdentity(Spec("r" + std::to_string(i), false), &domain.ca)
             .CertificateDer(),
         {},
         {domain.ca.CertificateDer()},
         Now()});
  }
  std::atomic<int> held = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        held += verifier.VerifyChain(questions[i % questions.size()]).ok();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(held, 800);
}

}  // namespace
}  // namespace masa::verification
