#include "repkit/roi.h"

/* What a CRM usually costs and brings, with typical schedules; amounts, low and
 * high are for the reader to fill in, in the units that the names say. What stays empty is left out
 * and named; what does not apply gets the amount 0. */
static const char template[] =
    "item,kind,amount,low,high,dist,per,start,end,growth,ramp,quantity,hours,margin,attribution,"
    "category,effect\n"
    "Subscription (money per user and month; quantity = users),"
    "cost,,,,,month,0,,0.03,,,,,,software,\n"
    "Extra licences (money per user and month),cost,,,,,month,0,,0.03,,,,,,software,\n"
    "Overage (storage or calls beyond the plan),cost,,,,,month,0,,,,,,,,software,\n"
    "Implementation (fixed price),cost,,,,,once,-2,,,,,,,,set-up,\n"
    "External consultants (money per hour),cost,,,,,once,-2,,,,,,,,set-up,\n"
    "Project team (wage per hour; quantity = people),cost,,,,,once,-1,,,,,,,,set-up,\n"
    "Procurement time (wage per hour; quantity = people),cost,,,,,once,-3,,,,,,,,set-up,\n"
    "Integration with other systems,cost,,,,,once,-1,,,,,,,,set-up,\n"
    "Data migration and cleaning (wage per hour),cost,,,,,once,-1,,,,,,,,set-up,\n"
    "Customisation,cost,,,,,once,0,,,,,,,,set-up,\n"
    "Hardware and storage,cost,,,,,month,0,,,,,,,,software,\n"
    "Training material and fees,cost,,,,,once,0,,,,,,,,people,\n"
    "Training time (wage per hour; quantity = people),cost,,,,,once,0,,,,,,,,people,\n"
    "Change management,cost,,,,,once,0,,,,,,,,people,\n"
    "Sales lost while learning (margin per week),cost,,,,,week,0,3,,,,,,,people,\n"
    "Administration (wage per hour; hours a month),cost,,,,,month,0,,0.03,,,,,,people,\n"
    "Time spent entering data (wage per hour; hours a week),cost,,,,,week,0,,,,,,,,people,\n"
    "Support and maintenance,cost,,,,,month,0,,0.03,,,,,,software,\n"
    "Upgrades,cost,,,,,year,0,,,,,,,,software,\n"
    "Contingency,cost,,,,,once,0,,,,,,,,set-up,\n"
    "Exit and data export,cost,,,,,once,36,,,,,,,,software,\n"
    "Extra sales (revenue per rep and week; amount from --effect if you name one),"
    "benefit,,,,,week,0,,,6,,,,,revenue,\n"
    "Customers kept who would have left (revenue per month),"
    "benefit,,,,,month,0,,,12,,,,,revenue,\n"
    "Bigger orders or higher win rate (revenue per month),benefit,,,,,month,0,,,6,,,,,revenue,\n"
    "Shorter sales cycle (revenue per month that comes earlier),"
    "benefit,,,,,month,0,,,6,,,,,revenue,\n"
    "Hours saved on reporting (wage per hour; hours a week),benefit,,,,,week,0,,,3,,,,0.5,time,\n"
    "Hours saved for managers (wage per hour; hours a week),benefit,,,,,week,0,,,3,,,,0.5,time,\n"
    "Lower cost of returns and errors (money per month),benefit,,,,,month,0,,,6,,,,,quality,\n"
    "Tools switched off (money per month),benefit,,,,,month,3,,,,,,,,software,\n"
    "Staff not hired (wage per month; quantity = posts),benefit,,,,,month,6,,0.03,,,,,,people,\n"
    "Other costs avoided,benefit,,,,,month,0,,,,,,,,other,\n";

const char *rk_roi_template(void)
{
    return template;
}
