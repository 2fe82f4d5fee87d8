// The extensions of a certificate that something here reads. Used inside this
// room only.
#ifndef SERVICES_WIRE_CERTIFICATE_EXTENSIONS_H_
#define SERVICES_WIRE_CERTIFICATE_EXTENSIONS_H_

#include "openssl/bytestring.h"
#include "services/wire/certificate.h"

namespace masa::wire {

// Reads RFC 5280's Extensions into `fields`. False when one that is read here
// does not parse, or stands twice; others are passed over.
bool ReadExtensions(CBS extensions, CertificateFields* fields);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CERTIFICATE_EXTENSIONS_H_
