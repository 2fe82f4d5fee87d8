#include "services/issuance/sequence_events.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "services/issuance/log_tree.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/log_name.h"
#include "storage/log_places.h"

namespace masa::issuance {
namespace {

constexpr absl::Duration kLease = absl::Seconds(10);
// Rows of the outbox in one round, of up to a thousand events each.
constexpr int kMostRows = 256;
// Between two looks at a log that does not hold: it waits for an operator.
constexpr absl::Duration kBrokenPause = absl::Seconds(2);

std::vector<storage::LogTile> TilesOf(std::vector<merkle::Tile> changed) {
  std::vector<storage::LogTile> tiles;
  for (merkle::Tile& tile : changed) {
    tiles.push_back(
        {{tile.key.level, tile.key.number}, std::move(tile.hashes)});
  }
  return tiles;
}

// A tenant's rows, in the order of the list.
std::map<std::string, std::vector<storage::OutboxRow>> ByTenant(
    std::vector<storage::OutboxRow> rows) {
  std::map<std::string, std::vector<storage::OutboxRow>> tenants;
  for (storage::OutboxRow& row : rows) {
    tenants[row.tenant_id].push_back(std::move(row));
  }
  return tenants;
}

}  // namespace

absl::StatusOr<transparency::NoteKey> SequenceEvents::KeyOf(
    const RequestContext& context, const std::string& tenant_id) {
  MASA_ASSIGN_OR_RETURN(const signing::KeyDescription description,
                        signer_.Describe(context, terms_.signing_key));
  return transparency::NoteKeyOf(
      transparency::OriginOf(terms_.origin, tenant_id),
      description.chain_der.front());
}

absl::StatusOr<SequenceEvents::Led> SequenceEvents::Load(
    const RequestContext& context, const std::string& tenant_id) {
  Led led;
  MASA_ASSIGN_OR_RETURN(led.tree, LoadTree(context, log_, tenant_id));
  if (terms_.signing_key.empty()) {
    return led;
  }
  MASA_ASSIGN_OR_RETURN(const transparency::NoteKey key,
                        KeyOf(context, tenant_id));
  MASA_ASSIGN_OR_RETURN(
      const auto newest,
      log_.ListCheckpoints(context, tenant_id,
                           std::numeric_limits<uint64_t>::max(), 1));
  if (!newest.empty()) {
    MASA_RETURN_IF_ERROR(CheckContinues(
        context, log_, tenant_id, newest.front().note, key, "in the database"));
    led.signed_size = newest.front().size;
  }
  if (mirror_ != nullptr) {
    MASA_ASSIGN_OR_RETURN(led.mirrored.size,
                          CheckMirror(context, log_, *mirror_, tenant_id, key));
  }
  return led;
}

absl::StatusOr<SequenceEvents::Led*> SequenceEvents::Open(
    const RequestContext& context, const std::string& tenant_id) {
  const auto found = led_.find(tenant_id);
  if (found != led_.end()) {
    return &found->second;
  }
  const absl::Time now = clock_.Now();
  const auto held = held_.find(tenant_id);
  // A clock that was set back holds nothing up.
  if (held != held_.end() && now >= held->second.broken_at &&
      now < held->second.broken_at + kBrokenPause) {
    return held->second.why;
  }
  absl::StatusOr<Led> led = Load(context, tenant_id);
  if (!led.ok()) {
    const bool is_broken = ReasonOf(led.status()) == Reason::kMisconfigured;
    held_[tenant_id] = {led.status(), is_broken ? now : absl::InfinitePast()};
    return led.status();
  }
  held_.erase(tenant_id);
  return &(led_[tenant_id] = *std::move(led));
}

std::vector<std::string> SequenceEvents::TryHeld(const RequestContext& context,
                                                 absl::Status* failed) {
  std::vector<std::string> still;
  for (const auto& [tenant_id, held] : std::map(held_)) {
    const absl::Status opened = Open(context, tenant_id).status();
    if (!opened.ok()) {
      failed->Update(opened);
      still.push_back(tenant_id);
    }
  }
  return still;
}

absl::StatusOr<int> SequenceEvents::Take(const RequestContext& context,
                                         const std::string& tenant_id,
                                         std::vector<storage::OutboxRow> rows) {
  MASA_ASSIGN_OR_RETURN(Led * led, Open(context, tenant_id));
  storage::LogAppend append;
  append.tenant_id = tenant_id;
  append.epoch = *epoch_;
  append.from = led->tree.size();
  append.rows = std::move(rows);
  for (const storage::OutboxRow& row : append.rows) {
    for (const storage::LogEntry& entry : row.entries) {
      led->tree.Append(entry.commitment);
    }
  }
  append.tiles = TilesOf(led->tree.TakeChanged());
  append.after = {led->tree.size(), led->tree.Root()};
  const absl::Status appended = sequence_.Append(context, append);
  if (!appended.ok()) {
    // Whether it is stored or not: the next round reads what is there.
    led_.erase(tenant_id);
    return appended;
  }
  if (mirror_ != nullptr) {
    led->fresh.Add(append);
  }
  return static_cast<int>(append.after.size - append.from);
}

absl::StatusOr<bool> SequenceEvents::Sign(const RequestContext& context,
                                          const std::string& tenant_id) {
  MASA_ASSIGN_OR_RETURN(Led * led, Open(context, tenant_id));
  progress_[tenant_id].size = led->tree.size();
  if (terms_.signing_key.empty() || led->signed_size == led->tree.size()) {
    return false;
  }
  MASA_ASSIGN_OR_RETURN(const transparency::NoteKey key,
                        KeyOf(context, tenant_id));
  const wire::Checkpoint checkpoint = {key.name, led->tree.size(),
                                       led->tree.Root()};
  const std::string text = wire::EncodeCheckpoint(checkpoint);
  std::vector<signing::ToBeSigned> items;
  items.push_back(signing::ToBeSigned::Checkpoint(text, checkpoint));
  MASA_ASSIGN_OR_RETURN(
      const std::string signature,
      std::move(signer_.Sign(context, terms_.signing_key, items).front()));
  const std::string note = transparency::NoteOf(text, key, signature);
  MASA_RETURN_IF_ERROR(transparency::OpenCheckpoint(note, key).status());
  const absl::Time now = clock_.Now();
  MASA_RETURN_IF_ERROR(sequence_.KeepCheckpoint(
      context, {tenant_id, checkpoint.size, now, note}));
  led->signed_size = checkpoint.size;
  progress_[tenant_id].checkpoint_at = now;
  return true;
}

absl::Status SequenceEvents::Finish(const RequestContext& context,
                                    const std::string& tenant_id,
                                    SequencerRound* round) {
  MASA_ASSIGN_OR_RETURN(const bool is_signed, Sign(context, tenant_id));
  round->checkpoints += is_signed ? 1 : 0;
  Led& led = led_[tenant_id];
  if (mirror_ == nullptr || led.mirrored.size >= led.signed_size) {
    return absl::OkStatus();
  }
  MASA_RETURN_IF_ERROR(MirrorLog(context, log_, *mirror_, terms_.origin,
                                 tenant_id, led.fresh, clock_.Now(),
                                 led.mirrored));
  led.fresh.Forget(led.mirrored.size);
  return absl::OkStatus();
}

absl::StatusOr<bool> SequenceEvents::Lead(const RequestContext& context) {
  const absl::Time now = clock_.Now();
  if (epoch_ && now < leads_until_ - kLease / 2) {
    return true;
  }
  MASA_ASSIGN_OR_RETURN(
      const std::optional<int64_t> epoch,
      sequence_.TakeLease(context, terms_.holder, now, now + kLease));
  if (epoch != epoch_) {
    led_.clear();  // another may have gone on meanwhile
    held_.clear();
  }
  epoch_ = epoch;
  leads_until_ = now + kLease;
  return epoch.has_value();
}

void SequenceEvents::Resign(const RequestContext& context) {
  if (epoch_) {
    const absl::Time now = clock_.Now();
    // Without it the lease ends by itself.
    (void)sequence_.TakeLease(context, terms_.holder, now, now);
  }
}

absl::StatusOr<SequencerRound> SequenceEvents::Run(
    const RequestContext& context) {
  SequencerRound round;
  MASA_ASSIGN_OR_RETURN(round.leads, Lead(context));
  if (!round.leads) {
    return round;
  }
  // One tenant's failure does not stop the others, and what waits of it does
  // not stand before what waits of them.
  const std::vector<std::string> held = TryHeld(context, &round.failed);
  MASA_ASSIGN_OR_RETURN(auto rows,
                        sequence_.ReadOutbox(context, held, kMostRows));
  const bool is_full = rows.size() == kMostRows;
  for (auto& [tenant_id, theirs] : ByTenant(std::move(rows))) {
    const absl::StatusOr<int> taken =
        Take(context, tenant_id, std::move(theirs));
    taken.ok() ? void(round.events += *taken)
               : round.failed.Update(taken.status());
  }
  // Else the next round would find the same.
  const bool is_past = round.events > 0 || held_.size() > held.size();
  round.is_behind = is_full && is_past;
  MASA_ASSIGN_OR_RETURN(const auto logs, sequence_.ListLogs(context));
  for (const std::string& tenant_id : logs) {
    round.failed.Update(Finish(context, tenant_id, &round));
  }
  return round;
}

}  // namespace masa::issuance
