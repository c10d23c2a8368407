// Reads the members of one definition by their kind and collects the faults under their paths. A null
// is as good as no member. Used by the parser of definitions only.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/model.hpp"

namespace pgwright::core {

class DefinitionReader {
  public:
    // object must be a JSON object and outlive the reader, as path must.
    DefinitionReader(const Json& object, std::string_view path, Faults& faults)
        : object_(object), path_(path), faults_(faults) {}

    // The member, unless it is missing or null.
    [[nodiscard]] const Json* member(std::string_view key) const noexcept;

    // Nothing when missing or, with a fault, of another kind or out of bounds.
    std::optional<std::string> text(std::string_view key, std::size_t max_characters);
    std::optional<bool> boolean(std::string_view key);
    std::optional<int> integer(std::string_view key, int lowest, int highest);
    std::optional<std::string> number(
        std::string_view key);  // its digits; a string of digits will do
    std::optional<std::string> one_of(std::string_view key,
                                      std::span<const std::string_view> values);
    const Json* array(std::string_view key);
    const Json* object(std::string_view key);

    // Faults for the members that are neither accepted nor known to be computed by the server.
    void refuse_others(std::span<const std::string_view> accepted,
                       std::span<const std::string_view> computed, std::string_view noun);

    void fault(std::string_view key, std::string message);
    [[nodiscard]] std::string path(std::string_view key) const;

  private:
    void wrong_kind(std::string_view key, std::string_view expected, const Json& value);

    const Json& object_;
    std::string_view path_;
    Faults& faults_;
};

// Adds the fault unless the path has one already: what is wrong in itself needs no second complaint.
void add_once(Faults& faults, const std::string& path, std::string message);

}  // namespace pgwright::core
