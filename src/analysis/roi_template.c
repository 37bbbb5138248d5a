#include "repkit/roi.h"

/* What a CRM usually costs and brings, with typical schedules; amounts are for the reader to fill
 * in. A line that does not apply gets the amount 0. */
static const char template[] =
    "item,kind,amount,low,high,dist,per,start,end,growth,ramp,quantity,hours,margin,attribution,"
    "category,effect\n"
    "Licences (per user),cost,,,,,month,0,,0.03,,,,,,software,\n"
    "Implementation partner,cost,,,,,once,-2,,,,,,,,set-up,\n"
    "Project team (hourly wage),cost,,,,,once,-1,,,,,,,,set-up,\n"
    "Integration with other systems,cost,,,,,once,-1,,,,,,,,set-up,\n"
    "Data migration and cleaning (hourly wage),cost,,,,,once,-1,,,,,,,,set-up,\n"
    "Customisation,cost,,,,,once,0,,,,,,,,set-up,\n"
    "Hosting and hardware,cost,,,,,month,0,,,,,,,,software,\n"
    "Training fees,cost,,,,,once,0,,,,,,,,people,\n"
    "Training time (hourly wage),cost,,,,,once,0,,,,,,,,people,\n"
    "Change management,cost,,,,,once,0,,,,,,,,people,\n"
    "Sales lost while learning (margin per week),cost,,,,,week,0,2,,,,,,,people,\n"
    "Administrator,cost,,,,,month,0,,0.03,,,,,,people,\n"
    "Support and maintenance,cost,,,,,month,0,,,,,,,,software,\n"
    "Time spent entering data (hourly wage),cost,,,,,week,0,,,,,,,,people,\n"
    "Upgrades,cost,,,,,year,0,,,,,,,,software,\n"
    "Contingency,cost,,,,,once,0,,,,,,,,set-up,\n"
    "Exit and data export,cost,,,,,once,36,,,,,,,,software,\n"
    "More revenue per rep (or name an effect),benefit,,,,,week,0,,,6,,,,,revenue,\n"
    "Customers kept who would have left (revenue a month),benefit,,,,,month,0,,,12,,,,,"
    "revenue,\n"
    "Higher win rate or larger deals,benefit,,,,,month,0,,,6,,,,,revenue,\n"
    "Less time on reporting (hourly wage),benefit,,,,,week,0,,,3,,,,0.5,time,\n"
    "Less time for managers (hourly wage),benefit,,,,,week,0,,,3,,,,0.5,time,\n"
    "Old systems switched off,benefit,,,,,month,3,,,,,,,,software,\n"
    "Other costs avoided,benefit,,,,,month,0,,,,,,,,other,\n";

const char *rk_roi_template(void)
{
    return template;
}
