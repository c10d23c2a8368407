// The server's planner, for support functions: what they are asked, and what an answer is built from.
#pragma once

#include "pg/server.hpp"

extern "C" {
#include <access/detoast.h>
#include <access/stratnum.h>
#include <catalog/pg_am.h>
#include <catalog/pg_operator.h>
#include <catalog/pg_proc.h>
#include <nodes/makefuncs.h>
#include <nodes/nodeFuncs.h>
#include <nodes/pathnodes.h>
#include <nodes/supportnodes.h>
#include <optimizer/optimizer.h>
#include <utils/formatting.h>
#include <utils/ruleutils.h>
}
