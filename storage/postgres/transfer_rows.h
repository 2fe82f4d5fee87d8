// Transfers as rows. Called within a transaction's body; throws as libpqxx
// does.
#ifndef STORAGE_POSTGRES_TRANSFER_ROWS_H_
#define STORAGE_POSTGRES_TRANSFER_ROWS_H_

#include <pqxx/row>
#include <pqxx/transaction_base>

#include "storage/transfer_store.h"

namespace masa::storage {

// Select list of a transfer without its devices, and how to read it.
#define MASA_TRANSFER_COLUMNS                                                 \
  "tenant_id, transfer_id, from_organization_id, to_organization_id, state, " \
  "keep_history, by_operator, "                                               \
  "(extract(epoch FROM offered_at) * 1000000)::bigint, "                      \
  "(extract(epoch FROM expires_at) * 1000000)::bigint, "                      \
  "(extract(epoch FROM ended_at) * 1000000)::bigint, version"
Transfer ReadTransfer(const pqxx::row& row);

// Adds the devices of the transfer, in their order.
void ReadTransferDevices(pqxx::transaction_base& transaction,
                         Transfer& transfer);

// Writes the transfer with what became of its devices; other transfers that
// hold devices of a new one lose them. False when the stored version is not the
// one before.
bool WriteTransfer(pqxx::transaction_base& transaction,
                   const Transfer& transfer);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_TRANSFER_ROWS_H_
