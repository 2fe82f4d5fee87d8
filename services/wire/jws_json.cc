#include "services/wire/jws_json.h"

#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/json_reader.h"

namespace masa::wire {
namespace {

using MaybeText = std::optional<std::string>;

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

// Takes a value; `text` becomes it when it is a string, and nothing otherwise.
bool TakeText(JsonReader* reader, MaybeText* text) {
  if (reader->Next() != '"') {
    text->reset();
    return reader->SkipValue();
  }
  std::string storage;
  absl::string_view value;
  if (!reader->TakeString(&value, &storage)) {
    return false;
  }
  text->emplace(value);
  return true;
}

// Reads one object that is all of `text`.
template <typename Member>
absl::Status ReadObject(JsonReader* reader, const Member& member) {
  reader->SkipByteOrderMark();
  return reader->TakeObject(member) && reader->AtEnd()
             ? absl::OkStatus()
             : Malformed("not one JSON object without repeated names");
}

struct SignatureMembers {
  MaybeText protected_header;
  MaybeText signature;
  std::vector<std::string> unprotected_names;
  bool header_is_object = true;
};

bool TakeNames(JsonReader* reader, SignatureMembers* members) {
  if (reader->Next() != '{') {
    members->header_is_object = false;
    return reader->SkipValue();
  }
  return reader->TakeObject([reader, members](absl::string_view name) {
    members->unprotected_names.emplace_back(name);
    return reader->SkipValue();
  });
}

bool TakeSignature(JsonReader* reader, SignatureMembers* members) {
  if (reader->Next() != '{') {
    return reader->SkipValue();
  }
  return reader->TakeObject([reader, members](absl::string_view name) {
    return name == "protected"   ? TakeText(reader, &members->protected_header)
           : name == "signature" ? TakeText(reader, &members->signature)
           : name == "header"    ? TakeNames(reader, members)
                                 : reader->SkipValue();
  });
}

bool TakeSignatures(JsonReader* reader, std::vector<SignatureMembers>* all) {
  return reader->Next() == '[' ? reader->TakeArray([reader, all] {
    return TakeSignature(reader, &all->emplace_back());
  })
                               : reader->SkipValue();
}

// The entries of x5c; nothing in place of what is no string.
bool TakeChain(JsonReader* reader, std::optional<std::vector<MaybeText>>* x5c) {
  if (reader->Next() != '[') {
    return reader->SkipValue();
  }
  x5c->emplace();
  return reader->TakeArray(
      [reader, x5c] { return TakeText(reader, &(*x5c)->emplace_back()); });
}

}  // namespace

absl::StatusOr<JwsEnvelope> ReadJwsEnvelope(absl::string_view text) {
  JsonReader reader(text);
  MaybeText payload;
  std::vector<SignatureMembers> signatures;
  bool is_flattened = false;
  MASA_RETURN_IF_ERROR(ReadObject(&reader, [&](absl::string_view name) {
    is_flattened |=
        name == "protected" || name == "header" || name == "signature";
    return name == "payload"      ? TakeText(&reader, &payload)
           : name == "signatures" ? TakeSignatures(&reader, &signatures)
                                  : reader.SkipValue();
  }));
  if (!payload || signatures.empty() || is_flattened) {
    return Malformed("not a JWS in general JSON serialization");
  }
  JwsEnvelope envelope;
  envelope.payload = *std::move(payload);
  for (SignatureMembers& one : signatures) {
    if (!one.protected_header || !one.signature) {
      return Malformed("a signature lacks its protected header or its octets");
    }
    if (!one.header_is_object) {
      return Malformed("an unprotected header is no object");
    }
    envelope.signatures.push_back({*std::move(one.protected_header),
                                   *std::move(one.signature),
                                   std::move(one.unprotected_names)});
  }
  return envelope;
}

absl::StatusOr<JwsHeader> ReadJwsHeader(absl::string_view text) {
  JsonReader reader(text);
  JwsHeader header;
  bool has_chain = false, names_are_text = true;
  std::optional<std::vector<MaybeText>> chain;
  const auto take_name = [&](MaybeText* to) {
    const bool taken = TakeText(&reader, to);
    names_are_text &= to->has_value();
    return taken;
  };
  MASA_RETURN_IF_ERROR(ReadObject(&reader, [&](absl::string_view name) {
    has_chain |= name == "x5c";
    header.has_crit |= name == "crit";
    return name == "alg"   ? take_name(&header.alg)
           : name == "typ" ? take_name(&header.typ)
           : name == "kid" ? take_name(&header.kid)
           : name == "x5c" ? TakeChain(&reader, &chain)
                           : reader.SkipValue();
  }));
  if (!names_are_text) {
    return Malformed("alg, typ or kid of the protected header is no string");
  }
  if (has_chain && !chain) {
    return Malformed("x5c is no array");
  }
  for (size_t i = 0; chain && i < chain->size(); ++i) {
    if (!(*chain)[i]) {
      return Malformed("an entry of x5c is no string");
    }
    header.x5c.push_back(*std::move((*chain)[i]));
  }
  return header;
}

bool HasMember(absl::string_view json, const std::vector<std::string>& names) {
  JsonReader reader(json);
  bool has = false;
  return ReadObject(&reader,
                    [&](absl::string_view name) {
                      has |= std::find(names.begin(), names.end(), name) !=
                             names.end();
                      return reader.SkipValue();
                    })
             .ok() &&
         has;
}

}  // namespace masa::wire
