// Why a connection to the database does not come about, as a sentence that an
// operator can act on and that tells a stranger nothing. Pure.
#ifndef STORAGE_POSTGRES_CONNECTION_FAULTS_H_
#define STORAGE_POSTGRES_CONNECTION_FAULTS_H_

#include "absl/strings/string_view.h"

namespace masa::storage {

// Of what libpq said, in the C locale, which this program never leaves. "the
// database cannot be reached" for what is none of the known faults.
const char* SentenceOfFault(absl::string_view said);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_CONNECTION_FAULTS_H_
