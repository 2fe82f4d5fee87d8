#include "storage/postgres/postgres_device_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/device_changes.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/device_writes.h"
#include "storage/postgres/in_halves.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/postgres/voucher_rows.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

// Rows of one write; a larger import is several transactions.
constexpr size_t kMostRows = 1000;

// About each device that is asked for: the certificates of its owner, which
// generation of a voucher its request got, whether others have its serial
// number (one without an issuer is alone), then `columns`. Two devices are
// enough to know that a serial number is ambiguous.
#define MASA_FIND_DEVICES(columns)                                             \
  "SELECT q.ord, CASE WHEN d.organization_id <> '' THEN ARRAY(SELECT (CASE "   \
  "WHEN c.group_id = d.group_id THEN 1 WHEN c.group_id = '' OR EXISTS ("       \
  "SELECT 1 FROM groups g WHERE g.tenant_id = d.tenant_id "                    \
  "AND g.group_id = d.group_id "                                               \
  "AND position('/' || c.group_id || '/' IN g.path) > 0) THEN 2 ELSE 3 "       \
  "END)::text || ' ' || coalesce(((extract(epoch FROM c.expires_at) "          \
  "* 1000000)::bigint)::text, '-') || ' ' || c.revocation_checks::text "       \
  "|| ' ' || c.certificate_der::text "                                         \
  "FROM domain_certs c WHERE c.tenant_id = d.tenant_id "                       \
  "AND c.organization_id = d.organization_id ORDER BY c.cert_id) END, "        \
  "(SELECT v.generation FROM vouchers v WHERE v.bucket = d.bucket "            \
  "AND v.device_id = d.device_id AND v.request_digest = q.request_digest "     \
  "ORDER BY v.generation DESC LIMIT 1), "                                      \
  "d.idevid_issuer IS NOT NULL AND EXISTS (SELECT 1 FROM devices o "           \
  "WHERE o.bucket = d.bucket AND o.tenant_id = d.tenant_id "                   \
  "AND o.serial_number = d.serial_number AND o.device_id <> d.device_id "      \
  "AND o.deleted_at IS NULL), " columns                                        \
  " "                                                                          \
  "FROM (SELECT generate_subscripts($1::smallint[], 1) AS ord, "               \
  "unnest($1::smallint[]) AS bucket, unnest($2::text[]) AS tenant_id, "        \
  "unnest($3::text[]) AS serial_number, unnest($4::bytea[]) AS issuer, "       \
  "unnest($5::bytea[]) AS request_digest) AS q "                               \
  "CROSS JOIN LATERAL (SELECT * FROM devices e WHERE e.bucket = q.bucket "     \
  "AND e.tenant_id = q.tenant_id AND e.serial_number = q.serial_number "       \
  "AND e.deleted_at IS NULL AND (q.issuer IS NULL OR e.idevid_issuer IS NULL " \
  "OR e.idevid_issuer = q.issuer) LIMIT 2) AS d"

constexpr Statement kFind = {"find_devices",
                             MASA_FIND_DEVICES(MASA_DEVICE_COLUMNS("d"))};
// Most of a wide row's cost is what nobody looks at when a voucher is ordered.
constexpr Statement kFindForOrders = {
    "find_devices_for_orders",
    MASA_FIND_DEVICES("d.device_id, d.idevid_issuer, d.product_id, "
                      "d.organization_id, d.group_id, d.state, d.labels, "
                      "d.version")};
constexpr int kCertsColumn = 1;
constexpr int kGenerationColumn = 2;
constexpr int kSharedColumn = 3;
constexpr int kDeviceColumn = 4;

constexpr Statement kProductsOf = {
    "products_of_serial",
    "SELECT DISTINCT e.product_id FROM devices e WHERE e.bucket = $1 "
    "AND e.tenant_id = $2::text AND e.serial_number = $3::text "
    "AND e.deleted_at IS NULL ORDER BY e.product_id"};

bool CanBeAsked(const DeviceKey& key) {
  return IsStorableText(key.tenant_id) && IsStorableText(key.serial_number);
}

// The text of an array of place, end, revocation_checks and octets:
// {"1 - false \\x3082","2 1700000000000000 true \\x3082"}.
std::vector<OwnerCert> ReadCerts(const pqxx::field& field) {
  std::vector<OwnerCert> certs;
  const absl::string_view text(field.c_str(), field.size());
  for (const absl::string_view element : absl::StrSplit(text, '"')) {
    const std::vector<absl::string_view> words = absl::StrSplit(element, ' ');
    int place = 0;
    if (words.size() != 4 || !absl::SimpleAtoi(words[0], &place)) {
      continue;  // what stands between elements
    }
    OwnerCert cert;
    cert.certificate_der =
        absl::HexStringToBytes(absl::StripPrefix(words[3], "\\\\x"));
    cert.place = static_cast<CertPlace>(place);
    if (int64_t micros = 0; absl::SimpleAtoi(words[1], &micros)) {
      cert.expires_at = absl::FromUnixMicros(micros);
    }
    cert.revocation_checks = words[2] == "true";
    certs.push_back(std::move(cert));
  }
  return certs;
}

// One row that matches a question, and the voucher to read with it.
struct Match {
  DeviceAnswer answer;
  std::optional<VoucherKey> previous;
};

// Of the columns of kFindForOrders; the others are those of the question.
Device ReadForOrder(const pqxx::row& row, const DeviceQuestion& question) {
  const auto text = [&row](int column) {
    return row[kDeviceColumn + column].as<std::string>();
  };
  Device device;
  device.tenant_id = question.key.tenant_id;
  device.serial_number = question.key.serial_number;
  device.bucket = BucketOf(device.tenant_id, device.serial_number);
  device.device_id = ReadBytes(row[kDeviceColumn]);
  if (const pqxx::field issuer = row[kDeviceColumn + 1]; !issuer.is_null()) {
    device.idevid_issuer = ReadBytes(issuer);
  }
  device.product_id = text(2);
  device.organization_id = text(3);
  device.group_id = text(4);
  device.state = static_cast<DeviceState>(row[kDeviceColumn + 5].as<int>());
  device.labels = ParseLabels(text(6));
  device.version = row[kDeviceColumn + 7].as<int64_t>();
  return device;
}

bool IsForOrders(absl::Span<const DeviceQuestion> questions) {
  return std::all_of(questions.begin(), questions.end(),
                     [](const DeviceQuestion& question) {
                       return question.view == DeviceView::kForOrder;
                     });
}

Match ReadMatch(const pqxx::row& row, const DeviceQuestion& question,
                bool for_orders) {
  Match match;
  match.answer.device =
      for_orders ? ReadForOrder(row, question) : ReadDevice(row, kDeviceColumn);
  if (question.view == DeviceView::kForOrder && !for_orders) {
    match.answer.device = ForOrder(std::move(match.answer.device));
  }
  match.answer.owner_certs = ReadCerts(row[kCertsColumn]);
  match.answer.serial_shared = row[kSharedColumn].as<bool>();
  if (!row[kGenerationColumn].is_null()) {
    match.previous = {match.answer.device.bucket, match.answer.device.device_id,
                      question.request_digest,
                      row[kGenerationColumn].as<int32_t>()};
  }
  return match;
}

// All rows that match each question.
using Matches = std::vector<std::vector<Match>>;

// A repeat is rare: only then there is a second statement.
void ReadPrevious(pqxx::transaction_base& transaction, Matches& matches) {
  std::vector<VoucherKey> keys;
  for (const auto& of_question : matches) {
    for (const Match& match : of_question) {
      if (match.previous) {
        keys.push_back(*match.previous);
      }
    }
  }
  if (keys.empty()) {
    return;
  }
  const auto vouchers = ReadVouchers(transaction, keys);
  for (auto& of_question : matches) {
    for (Match& match : of_question) {
      if (match.previous) {
        match.answer.previous = vouchers.at(*match.previous);
      }
    }
  }
}

void Ask(pqxx::transaction_base& transaction,
         absl::Span<const DeviceQuestion> questions, Matches& matches) {
  SmallintArray buckets;
  TextArray tenants, serials;
  BytesArray issuers, digests;
  for (const DeviceQuestion& question : questions) {
    const DeviceKey& key = question.key;
    // What no text column can hold is no device: asked as an empty name.
    const bool can = CanBeAsked(key);
    buckets.Add(BucketOf(key.tenant_id, key.serial_number));
    tenants.Add(can ? key.tenant_id : "");
    serials.Add(can ? key.serial_number : "");
    issuers.Add(key.idevid_issuer);
    question.request_digest.empty() ? digests.AddNull()
                                    : digests.Add(question.request_digest);
  }
  matches.assign(questions.size(), {});
  const bool for_orders = IsForOrders(questions);
  for (const pqxx::row& row :
       Execute(transaction, for_orders ? kFindForOrders : kFind,
               buckets.Finish(), tenants.Finish(), serials.Finish(),
               issuers.Finish(), digests.Finish())) {
    const auto i = row[0].as<size_t>() - 1;
    matches[i].push_back(ReadMatch(row, questions[i], for_orders));
  }
  ReadPrevious(transaction, matches);
}

absl::StatusOr<DeviceAnswer> AnswerOf(const DeviceKey& key,
                                      std::vector<Match>& matches) {
  // Every match fits the key, so a single one is what Choose would choose.
  if (matches.size() == 1) {
    return std::move(matches.front().answer);
  }
  std::vector<Device> candidates;
  for (const Match& match : matches) {
    candidates.push_back(match.answer.device);
  }
  return Choose(key, candidates).status();
}

// Runs `write` on pieces of `items` and gathers their outcomes; a piece whose
// transaction fails because of a row is halved.
template <typename Outcome, typename Item, typename Write>
std::vector<absl::StatusOr<Outcome>> InPieces(absl::Span<const Item> items,
                                              const Write& write) {
  using Outcomes = std::vector<absl::StatusOr<Outcome>>;
  Outcomes outcomes;
  while (!items.empty()) {
    Outcomes some = InHalves<Outcome>(
        items.subspan(0, kMostRows),
        [&](absl::Span<const Item> piece) -> absl::StatusOr<Outcomes> {
          Outcomes written;
          MASA_RETURN_IF_ERROR(write(piece, written));
          return written;
        });
    std::move(some.begin(), some.end(), std::back_inserter(outcomes));
    items.remove_prefix(std::min(items.size(), kMostRows));
  }
  return outcomes;
}

// Writes what `plan` says of the devices `before`, and hands out its outcomes.
template <typename Plan, typename Outcome>
void Carry(pqxx::transaction_base& transaction, absl::Span<const Device> before,
           Plan& plan, const MoveTerms& terms,
           std::vector<absl::StatusOr<Outcome>>& written) {
  ChangeDevices(transaction, before, plan.writes, terms);
  InsertEvents(transaction, plan.events);
  written = std::move(plan.outcomes);
}

}  // namespace

std::unique_ptr<PostgresDeviceStore> PostgresDeviceStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresDeviceStore>(new PostgresDeviceStore(pool));
}

std::vector<absl::StatusOr<DeviceAnswer>> PostgresDeviceStore::Find(
    const RequestContext& context, absl::Span<const DeviceQuestion> questions) {
  using Answers = std::vector<absl::StatusOr<DeviceAnswer>>;
  return InHalves<DeviceAnswer>(
      questions,
      [&](absl::Span<const DeviceQuestion> piece) -> absl::StatusOr<Answers> {
        Matches matches;
        MASA_RETURN_IF_ERROR(
            RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                           [&](pqxx::transaction_base& transaction) {
                             Ask(transaction, piece, matches);
                             return absl::OkStatus();
                           }));
        Answers answers;
        answers.reserve(piece.size());
        for (size_t i = 0; i < piece.size(); ++i) {
          answers.push_back(AnswerOf(piece[i].key, matches[i]));
        }
        return answers;
      });
}

absl::StatusOr<std::vector<std::string>> PostgresDeviceStore::ProductsOf(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& serial_number) {
  std::vector<std::string> products;
  if (!CanBeAsked({tenant_id, serial_number, std::nullopt})) {
    return products;
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        products.clear();
        for (const pqxx::row& row : Execute(transaction, kProductsOf,
                                            BucketOf(tenant_id, serial_number),
                                            tenant_id, serial_number)) {
          products.push_back(row[0].as<std::string>());
        }
        return absl::OkStatus();
      }));
  return products;
}

std::vector<absl::StatusOr<ImportOutcome>> PostgresDeviceStore::Import(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const Device> devices, OnConflict on_conflict) {
  const Change change = {actor, at, context.request_id};
  const auto write = [&](absl::Span<const Device> piece,
                         std::vector<absl::StatusOr<ImportOutcome>>& written) {
    ScopedNames serials, products, organizations;
    for (const Device& device : piece) {
      AddName(serials, device.tenant_id, device.serial_number);
      AddName(products, device.tenant_id, device.product_id);
      AddName(organizations, device.tenant_id, device.organization_id);
    }
    return RunTransaction(*pool_, context, TransactionKind::kManyStatements,
                          [&](pqxx::transaction_base& transaction) {
                            const StoredFacts facts = LockAndRead(
                                transaction, serials, products, organizations);
                            ImportPlan plan =
                                PlanImport(piece, facts, on_conflict, change);
                            Carry(transaction, facts.devices, plan,
                                  {OwnerChange::kImported, change.at}, written);
                            return absl::OkStatus();
                          });
  };
  return InPieces<ImportOutcome>(devices, write);
}

std::vector<absl::StatusOr<Device>> PostgresDeviceStore::Assign(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const DeviceKey> keys, const std::string& organization_id) {
  const Change change = {actor, at, context.request_id};
  const auto write = [&](absl::Span<const DeviceKey> piece,
                         std::vector<absl::StatusOr<Device>>& written) {
    ScopedNames serials, organizations;
    for (const DeviceKey& key : piece) {
      AddName(serials, key.tenant_id, key.serial_number);
      AddName(organizations, key.tenant_id, organization_id);
    }
    return RunTransaction(
        *pool_, context, TransactionKind::kManyStatements,
        [&](pqxx::transaction_base& transaction) {
          const StoredFacts facts =
              LockAndRead(transaction, serials, {}, organizations);
          AssignPlan plan = PlanAssign(piece, organization_id, facts, change);
          Carry(transaction, facts.devices, plan,
                {OwnerChange::kAssigned, change.at}, written);
          return absl::OkStatus();
        });
  };
  return InPieces<Device>(keys, write);
}

std::vector<absl::StatusOr<Device>> PostgresDeviceStore::SetBlocked(
    const RequestContext& context, const std::string& actor, absl::Time at,
    absl::Span<const DeviceKey> keys, bool blocked) {
  const Change change = {actor, at, context.request_id};
  const auto write = [&](absl::Span<const DeviceKey> piece,
                         std::vector<absl::StatusOr<Device>>& written) {
    ScopedNames serials;
    for (const DeviceKey& key : piece) {
      AddName(serials, key.tenant_id, key.serial_number);
    }
    return RunTransaction(
        *pool_, context, TransactionKind::kManyStatements,
        [&](pqxx::transaction_base& transaction) {
          const StoredFacts facts = LockAndRead(transaction, serials, {}, {});
          AssignPlan plan = PlanSetBlocked(piece, blocked, facts, change);
          Carry(transaction, facts.devices, plan,
                {OwnerChange::kAssigned, change.at}, written);
          return absl::OkStatus();
        });
  };
  return InPieces<Device>(keys, write);
}

}  // namespace masa::storage
