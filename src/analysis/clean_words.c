/* Words that columns of CRM exports often consist of. A column that is mostly made of one of these
 * lists shows slips in its other labels, even where the right word is never written: `technolgy`
 * among retail, medical and finance. */
#include "clean_parts.h"

/* Sectors and industries. */
static const char sectors[] =
    "accounting|advertising|aerospace|agriculture|airlines|apparel|architecture|automotive|"
    "aviation|"
    "banking|beauty|beverages|biotechnology|broadcasting|chemicals|communications|construction|"
    "consulting|consumer goods|cosmetics|defense|distribution|ecommerce|education|electronics|"
    "employment|energy|engineering|entertainment|environmental|fashion|finance|financial services|"
    "fintech|fisheries|food|food and beverage|forestry|furniture|gaming|government|"
    "health|healthcare|hospitality|hotels|human resources|information technology|insurance|"
    "internet|investment|jewelry|law|legal|legal services|leisure|logistics|luxury goods|machinery|"
    "manufacturing|maritime|marketing|media|medical|medical devices|metals|mining|nonprofit|"
    "oil and gas|packaging|paper|pharma|pharmaceutical|pharmaceuticals|"
    "plastics|printing|professional services|property|public sector|publishing|railways|"
    "real estate|recreation|recruiting|recruitment|renewable energy|research|restaurants|retail|"
    "security|semiconductors|services|shipping|software|sports|steel|technology|"
    "telecommunications|telecom|textiles|tobacco|tourism|trade|training|transport|transportation|"
    "travel|utilities|warehousing|waste management|wholesale";

/* Countries, as English writes them most often. */
static const char countries[] =
    "Afghanistan|Albania|Algeria|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|"
    "Bahamas|Bahrain|Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia|"
    "Bosnia and Herzegovina|Botswana|Brazil|Brunei|Bulgaria|Burkina Faso|Burundi|Cambodia|Cameroon|"
    "Canada|Cape Verde|Central African Republic|Chad|Chile|China|Colombia|Comoros|Congo|Costa Rica|"
    "Croatia|Cuba|Cyprus|Czechia|Czech Republic|Denmark|Djibouti|Dominica|Dominican Republic|"
    "Ecuador|Egypt|El Salvador|England|Equatorial Guinea|Eritrea|Estonia|Eswatini|Ethiopia|Fiji|"
    "Finland|France|Gabon|Gambia|Georgia|Germany|Ghana|Great Britain|Greece|Grenada|Guatemala|"
    "Guinea|Guinea-Bissau|Guyana|Haiti|Honduras|Hong "
    "Kong|Hungary|Iceland|India|Indonesia|Iran|Iraq|"
    "Ireland|Israel|Italy|Ivory Coast|Jamaica|Japan|Jordan|Kazakhstan|Kenya|Kiribati|Korea|Kosovo|"
    "Kuwait|Kyrgyzstan|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|"
    "Luxembourg|"
    "Macao|Madagascar|Malawi|Malaysia|Maldives|Mali|Malta|Marshall Islands|Mauritania|Mauritius|"
    "Mexico|Micronesia|Moldova|Monaco|Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nauru|"
    "Nepal|Netherlands|New Zealand|Nicaragua|Niger|Nigeria|North Korea|North Macedonia|Norway|Oman|"
    "Pakistan|Palau|Palestine|Panama|Papua New Guinea|Paraguay|Peru|Philippines|Poland|Portugal|"
    "Puerto Rico|Qatar|Romania|Russia|Rwanda|Samoa|San Marino|Saudi Arabia|Scotland|Senegal|Serbia|"
    "Seychelles|Sierra Leone|Singapore|Slovakia|Slovenia|Somalia|South Africa|South Korea|"
    "South Sudan|Spain|Sri "
    "Lanka|Sudan|Suriname|Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|"
    "Thailand|Togo|Tonga|Trinidad and Tobago|Tunisia|Turkey|Turkmenistan|Tuvalu|Uganda|Ukraine|"
    "United Arab Emirates|United Kingdom|United States|United States of America|Uruguay|Uzbekistan|"
    "Vanuatu|Venezuela|Vietnam|Wales|Yemen|Zambia|Zimbabwe";

/* Stages of deals and states of leads. */
static const char stages[] =
    "active|appointment|archived|assigned|attempted|awaiting|booked|cancelled|canceled|churned|"
    "closed|closed lost|closed won|commit|committed|completed|connected|contacted|contract|"
    "contract sent|converted|customer|decision|declined|deferred|demo|disqualified|discovery|"
    "engaged|engaging|evaluation|expired|follow-up|in progress|inactive|initial contact|interested|"
    "invoiced|lead|lost|meeting|needs analysis|negotiation|new|nurturing|on hold|onboarding|open|"
    "opportunity|pending|pilot|presentation|proposal|prospect|prospecting|qualification|qualified|"
    "quote|quoted|rejected|renewal|review|scheduled|shortlisted|signed|stalled|trial|unqualified|"
    "verbal|won|working";

/* Kinds of activity, and where leads come from. */
static const char activities[] =
    "advertisement|appointment|blog|call|campaign|chat|cold call|conference|contract|demo|"
    "direct mail|email|event|exhibition|facebook|fax|follow-up|google|inbound call|instagram|"
    "invoice|letter|linkedin|lunch|mail|meeting|message|newsletter|note|organic search|other|"
    "outbound call|paid search|partner|phone|phone call|presentation|proposal|purchased list|quote|"
    "referral|reminder|seminar|sms|social media|survey|task|telephone|trade show|training|"
    "video call|visit|voicemail|webinar|website|whatsapp|word of mouth";

/* Months, days and directions. */
static const char calendar[] =
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday";
static const char regions[] =
    "north|south|east|west|northeast|northwest|southeast|southwest|central|midwest|national|"
    "international|global|domestic|europe|asia|africa|america|north america|south america|"
    "latin america|middle east|asia pacific|oceania|eastern|western|northern|southern";

const char *clean_known_words(size_t list)
{
    static const char *const lists[] = {sectors, countries, stages, activities, calendar, regions};

    return list < sizeof lists / sizeof *lists ? lists[list] : NULL;
}
