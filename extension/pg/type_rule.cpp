// The cache behind TypeOutput: see there for its key, bound and invalidation.
#include "pg/type_rule.hpp"
#include "pg/immortal.hpp"

namespace pgwright::pg {

namespace {

// Bumped by any change to pg_type, in this transaction or another, committed or rolled back. What a
// rule holds never changes during a type's life: this is for an oid that is given to another type.
std::uint64_t type_generation = 1;

void forget_types(Datum, int, uint32) { ++type_generation; }

void watch_types() {
    static bool watching = false;
    if (watching) return;
    call([] { CacheRegisterSyscacheCallback(TYPEOID, forget_types, Datum{0}); });
    watching = true;
}

std::optional<OutputKind> kind_of_built_in(Oid type) {
    switch (type) {
        case BOOLOID: return OutputKind::boolean;
        case INT2OID: return OutputKind::int2;
        case INT4OID: return OutputKind::int4;
        case INT8OID: return OutputKind::int8;
        case FLOAT4OID: return OutputKind::float4;
        case FLOAT8OID: return OutputKind::float8;
        case NUMERICOID: return OutputKind::numeric;
        case TEXTOID:
        case VARCHAROID:
        case BPCHAROID: return OutputKind::text;
        case NAMEOID: return OutputKind::name;
        case UUIDOID: return OutputKind::uuid;
        case DATEOID: return OutputKind::date;
        case TIMEOID: return OutputKind::time;
        case TIMETZOID: return OutputKind::timetz;
        case TIMESTAMPOID: return OutputKind::timestamp;
        case TIMESTAMPTZOID: return OutputKind::timestamptz;
        case INTERVALOID: return OutputKind::interval;
        case JSONOID: return OutputKind::json;
        case JSONBOID: return OutputKind::jsonb;
        case BYTEAOID: return OutputKind::bytea;
        case VOIDOID: return OutputKind::void_;
        case RECORDOID: return OutputKind::composite;
        default: return std::nullopt;
    }
}

void find_output_function(TypeOutput::Rule& rule) {
    rule.memory.emplace("pgwright type output", CacheMemoryContext);
    call([&rule] {
        Oid function = InvalidOid;
        bool is_varlena = false;
        getTypeOutputInfo(rule.base, &function, &is_varlena);
        fmgr_info_cxt(function, &rule.output, rule.memory->get());
    });
}

std::shared_ptr<const TypeOutput::Rule> make_rule(Oid type) {
    auto rule = std::make_shared<TypeOutput::Rule>();
    rule->type = type;
    TypeOutput::Rule* out = rule.get();
    rule->base = call([out] { return getBaseTypeAndTypmod(out->type, &out->base_typmod); });
    call([out] { get_typlenbyvalalign(out->base, &out->length, &out->by_value, &out->alignment); });

    if (const auto kind = kind_of_built_in(rule->base)) {
        rule->kind = *kind;
        return rule;
    }
    const Oid element = call([out] { return get_element_type(out->base); });
    if (OidIsValid(element)) {
        rule->kind = OutputKind::array;
        rule->element = TypeOutput::of(element);
    } else if (call([out] { return get_typtype(out->base); }) == TYPTYPE_COMPOSITE) {
        rule->kind = OutputKind::composite;
    } else {
        find_output_function(*rule);
    }
    return rule;
}

}  // namespace

TypeOutput::TypeOutput(std::shared_ptr<const Rule> rule)
    : kind_(rule->kind), rule_(std::move(rule)) {}

Oid TypeOutput::type() const noexcept { return rule_->type; }

TypeOutput TypeOutput::of(Oid type) {
    using Rules = std::unordered_map<Oid, std::shared_ptr<const Rule>>;
    static Rules& rules =
        *new Rules;  // never destroyed: exit comes after the server's memory is gone
    static std::uint64_t generation = 0;
    watch_types();
    if (generation != type_generation || rules.size() >= kMaxCachedTypes) {
        rules.clear();
        generation = type_generation;
    }
    const auto known = rules.find(type);
    if (known != rules.end()) return TypeOutput(known->second);

    // A change that arrives during the look-ups makes `generation` stale, and with it this entry.
    auto rule = make_rule(type);
    rules.insert_or_assign(type, rule);
    return TypeOutput(std::move(rule));
}

Detoasted::Detoasted(Datum datum, Header header)
    : value_(reinterpret_cast<varlena*>(DatumGetPointer(datum))) {
    varlena* stored = value_;
    const bool plain = header == Header::full
                           ? !VARATT_IS_EXTENDED(stored)
                           : !VARATT_IS_EXTERNAL(stored) && !VARATT_IS_COMPRESSED(stored);
    if (plain) return;
    value_ = call([=] {
        return header == Header::full ? pg_detoast_datum(stored) : pg_detoast_datum_packed(stored);
    });
    if (value_ != stored) copy_ = value_;
}

RowDescriptor row_descriptor(Oid type, std::int32_t typmod) {
    return {call([=] { return lookup_rowtype_tupdesc_copy(type, typmod); }), FreeTupleDesc};
}

namespace {

std::shared_ptr<const RowShape> make_shape(Oid type, std::int32_t typmod) {
    ::MemoryContext outside = CurrentMemoryContext;
    auto shape =
        std::make_shared<RowShape>(RowShape{{call([=] {
                                                 MemoryContextSwitchTo(CacheMemoryContext);
                                                 TupleDesc copy =
                                                     lookup_rowtype_tupdesc_copy(type, typmod);
                                                 MemoryContextSwitchTo(outside);
                                                 return copy;
                                             }),
                                             FreeTupleDesc},
                                            {}});
    for (int i = 0; i < shape->descriptor->natts; ++i) {
        const FormData_pg_attribute* column = TupleDescAttr(shape->descriptor.get(), i);
        shape->columns.push_back(
            column->attisdropped ? std::nullopt : std::optional(TypeOutput::of(column->atttypid)));
    }
    return shape;
}

}  // namespace

std::shared_ptr<const RowShape> row_shape(Oid type, std::int32_t typmod) {
    if (type != RECORDOID) return make_shape(type, typmod);
    using Shapes = std::unordered_map<std::int32_t, std::shared_ptr<const RowShape>>;
    static Immortal<Shapes> shapes;
    static std::uint64_t generation = 0;
    watch_types();
    if (generation != type_generation || shapes->size() >= kMaxCachedTypes) {
        shapes->clear();
        generation = type_generation;
    }
    const auto known = shapes->find(typmod);
    if (known != shapes->end()) return known->second;
    // A change that arrives meanwhile makes `generation` stale, and with it this entry.
    auto shape = make_shape(type, typmod);
    shapes->insert_or_assign(typmod, shape);
    return shape;
}

std::string type_name(Oid type) {
    return own(call([type] { return format_type_be(type); })).get();
}

}  // namespace pgwright::pg
