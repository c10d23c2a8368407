// Designs at random, for properties that hold of every pair of them. Few names and few ids, so that
// names move between fields, come back and swap.
#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "design_samples.hpp"

namespace pgwright::core::sample {

class RandomDesigns {
  public:
    explicit RandomDesigns(unsigned seed) : engine_(seed) {}

    Design next() {
        const std::vector<std::string> ids = {"one", "two", "three", "four", "five"};
        std::vector<std::string> names = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta"};
        // Half of the time every field has its own name, else they are dealt anew.
        if (below(2) == 0) std::shuffle(names.begin(), names.end(), engine_);
        std::string fields;
        std::vector<Names> renames;
        texts_.clear();
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (below(4) == 0) continue;  // not in this version
            renames.push_back({names[i], ids[i]});
            fields += (fields.empty() ? "" : ",") + field(names[i]);
        }
        if (fields.empty()) {
            renames.push_back({names[0], ids[0]});
            fields = field(names[0]);
        }
        const bool soft = below(2) == 0;
        return design_of(fields, renames, indexes(renames),
                         soft ? "" : R"("supports_soft_delete":false,)");
    }

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
    }

  private:
    std::string field(const std::string& name) {
        static const std::array<const char*, 9> types = {"string",  "integer", "biginteger",
                                                         "decimal", "boolean", "text",
                                                         "text",    "string",  "lookup"};
        const std::string type = types[below(types.size())];
        std::string json = R"({"name":")" + name + R"(","field_type":")" + type + '"';
        if (type == "lookup") json += R"(,"reference_entity":"company")";
        if (type == "text" || type == "string") texts_.push_back(name);
        if (type == "string") json += R"(,"max_length":)" + std::to_string(20 + below(3) * 10);
        if (type == "integer" && below(2) == 0) json += R"(,"min_value":0)";
        if (type != "text" && below(4) == 0) json += R"(,"is_unique":true)";
        if (type != "text" && below(4) == 0) json += R"(,"is_indexed":true)";
        if (below(3) == 0) json += default_of(type);
        if (below(3) == 0) json += R"(,"is_required":true)";
        return json + '}';
    }

    static std::string default_of(const std::string& type) {
        if (type == "date" || type == "datetime") return R"(,"default_expression":"now")";
        if (type == "boolean") return R"(,"default_value":true)";
        return type == "lookup" ? "" : R"(,"default_value":"7")";
    }

    std::string indexes(const std::vector<Names>& fields) {
        const std::string one = index(fields);
        const std::string words = search_index();
        return one + (one.empty() || words.empty() ? "" : ",") + words;
    }

    // Over some of the texts, in an order of its own.
    std::string search_index() {
        if (texts_.empty() || below(2) == 0) return "";
        std::shuffle(texts_.begin(), texts_.end(), engine_);
        std::string keys;
        for (std::size_t i = 0; i <= below(texts_.size()); ++i)
            keys += (keys.empty() ? "\"" : ",\"") + texts_[i] + '"';
        return R"({"name":"words","index_type":"search","field_names":[)" + keys + "]}";
    }

    std::string index(const std::vector<Names>& fields) {
        if (below(2) == 0) return "";
        const std::string& key = fields[below(fields.size())].now;
        const std::string& condition = fields[below(fields.size())].now;
        return R"({"name":"quick","index_type":"hash","field_names":[")" + key +
               R"("],"condition":{"field":")" + condition + R"(","operator":"is_not_null"}})";
    }

    std::mt19937 engine_;
    std::vector<std::string> texts_;  // names of the fields that may be searched
};

}  // namespace pgwright::core::sample
