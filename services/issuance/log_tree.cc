#include "services/issuance/log_tree.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

absl::Status Broken(const std::string& tenant_id, absl::string_view what) {
  return Refuse(
      Reason::kMisconfigured,
      absl::StrCat("the audit log of ",
                   tenant_id.empty() ? "the catalog" : tenant_id, " ", what));
}

}  // namespace

absl::StatusOr<merkle::ReadTile> FetchTiles(
    const RequestContext& context, storage::AuditLog& log,
    const std::string& tenant_id, const std::vector<merkle::TileKey>& keys) {
  std::vector<storage::LogTileKey> asked;
  for (const merkle::TileKey& key : keys) {
    asked.push_back({key.level, key.number});
  }
  MASA_ASSIGN_OR_RETURN(auto tiles, log.ReadTiles(context, tenant_id, asked));
  auto found = std::make_shared<std::map<merkle::TileKey, std::string>>();
  for (storage::LogTile& tile : tiles) {
    found->emplace(merkle::TileKey{tile.key.level, tile.key.number},
                   std::move(tile.hashes));
  }
  return merkle::ReadTile(
      [found](const merkle::TileKey& key) -> std::optional<std::string> {
        const auto tile = found->find(key);
        return tile == found->end() ? std::nullopt
                                    : std::optional(tile->second);
      });
}

absl::StatusOr<merkle::GrowingTree> LoadTree(const RequestContext& context,
                                             storage::AuditLog& log,
                                             const std::string& tenant_id) {
  MASA_ASSIGN_OR_RETURN(const storage::LogHead head,
                        log.ReadHead(context, tenant_id));
  MASA_ASSIGN_OR_RETURN(
      const merkle::ReadTile read,
      FetchTiles(context, log, tenant_id, merkle::EdgeOf(head.size)));
  std::optional<merkle::GrowingTree> tree =
      merkle::GrowingTree::Load(head.size, read);
  if (!tree || (head.size > 0 && tree->Root() != head.root)) {
    return Broken(tenant_id, "does not have the root that is on record for it");
  }
  return *std::move(tree);
}

absl::Status CheckContinues(const RequestContext& context,
                            storage::AuditLog& log,
                            const std::string& tenant_id,
                            const std::string& note,
                            const transparency::NoteKey& key,
                            absl::string_view where) {
  const auto said = transparency::OpenCheckpoint(note, key);
  if (!said.ok()) {
    return Broken(tenant_id, absl::StrCat("has a checkpoint ", where, ", and ",
                                          said.status().message()));
  }
  MASA_ASSIGN_OR_RETURN(const storage::LogHead head,
                        log.ReadHead(context, tenant_id));
  if (head.size < said->size) {
    return Broken(tenant_id,
                  absl::StrCat("has ", head.size, " entries, but had ",
                               said->size, " by the checkpoint ", where));
  }
  MASA_ASSIGN_OR_RETURN(
      const merkle::ReadTile read,
      FetchTiles(context, log, tenant_id, merkle::EdgeOf(said->size)));
  if (merkle::RootFromTiles(said->size, read) != said->root) {
    return Broken(
        tenant_id,
        absl::StrCat("is another one than that of the checkpoint ", where,
                     ": its first ", said->size, " entries are not the same"));
  }
  return absl::OkStatus();
}

}  // namespace masa::issuance
