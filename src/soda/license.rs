//! The licenses that a dataset may be published under (source: the platform's own list; two names that
//! are recorded or documented beside it).

/// A license with the id that views know it by.
#[derive(Debug, PartialEq, Eq)]
pub struct License {
    /// The id in `licenseId`.
    pub id: &'static str,
    /// The name in `license`.
    pub name: &'static str,
    /// Whether the publisher has to be named.
    pub attribution_required: bool,
}

const fn license(id: &'static str, name: &'static str, attribution_required: bool) -> License {
    License { id, name, attribution_required }
}

/// All of them.
#[rustfmt::skip]
pub const LICENSES: [License; 28] = [
    license("PUBLIC_DOMAIN", "Public Domain", false),
    license("IODL", "Italian Open Data License 2.0", false),
    license("UK_OGLV3.0", "UK Open Government Licence v3", false),
    license("CC", "Creative Commons", false),
    license("CC0_10", "Creative Commons 1.0 Universal (Public Domain Dedication)", false),
    license("CC_30_BY", "Creative Commons Attribution 3.0 Unported", true),
    license("CC_30_BY_SA", "Creative Commons Attribution | Share Alike 3.0 Unported", true),
    license("CC_30_BY_ND", "Creative Commons Attribution | No Derivative Works 3.0 Unported", true),
    license("CC_30_BY_NC", "Creative Commons Attribution | Noncommercial 3.0 Unported", true),
    license("CC_30_BY_NC_SA", "Creative Commons Attribution | Noncommercial | Share Alike 3.0 Unported", true),
    license("CC_30_BY_NC_ND", "Creative Commons Attribution | Noncommercial | No Derivative Works 3.0 Unported", true),
    license("CC_30_BY_AUS", "Creative Commons Attribution 3.0 Australia", true),
    license("CC_30_BY_IGO", "Creative Commons Attribution 3.0 IGO", true),
    license("CC_30_BY_NZ", "Creative Commons Attribution 3.0 New Zealand", true),
    license("CC_30_BY_NC_NZ", "Creative Commons Attribution | Noncommercial 3.0 New Zealand", true),
    license("CC_30_BY_NC_SA_NZ", "Creative Commons Attribution | Noncommercial | Share Alike 3.0 New Zealand", true),
    license("CC_40_BY", "Creative Commons Attribution 4.0 International", true),
    license("CC_40_BY_SA", "Creative Commons Attribution | Share Alike 4.0 International", true),
    license("CC_40_BY_ND", "Creative Commons Attribution | NoDerivatives 4.0 International License", true),
    license("ODC", "Open Data Commons", false),
    license("PDDL", "Open Data Commons Public Domain Dedication and License", false),
    license("ODBL", "Open Data Commons Open Database License", false),
    license("ODC_BY", "Open Data Commons Attribution License", true),
    license("USGOV_WORKS", "Public Domain U.S. Government", false),
    license("NIST_SRD", "Standard Reference Data Copyright U.S. Secretary of Commerce", false),
    license("OGL_NOVA_SCOTIA", "Nova Scotia Open Government Licence", false),
    license("OGL_CANADA", "Canada Open Government Licence", false),
    license("SEE_TERMS_OF_USE", "See Terms of Use", false),
];

impl License {
    /// The license with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        LICENSES.iter().find(|license| license.name == name)
    }

    /// The license with this id.
    pub fn of_id(id: &str) -> Option<&'static Self> {
        LICENSES.iter().find(|license| license.id == id)
    }
}
