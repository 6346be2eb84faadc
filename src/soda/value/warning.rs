//! What the sender of a value should know although it was stored (`X-Mock-Warning`).

use crate::soda::BodyFormat;

/// What is odd about a value that was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A text where a link's object belongs.
    BareUrl,
    /// A text where a phone number's object belongs.
    BarePhone,
    /// An object with other members than these, which its type has.
    NoMember(&'static [&'static str]),
    /// A part of a location that could not be read.
    PartDropped,
    /// A location of which no part was left.
    AllDropped,
    /// The same, and it was GeoJSON.
    GeoJsonLocation,
    /// An empty text for a location.
    EmptyLocation,
    /// A word for a missing value, stored as an address.
    MissingWord,
    /// An address, which production would look up.
    NotGeocoded,
    /// The same, and it looks like WKT.
    NotGeocodedWkt,
    /// WKT with a comma between its numbers, which were read as latitude and longitude.
    WktPair,
    /// An address that looks like latitude and longitude.
    NotGeocodedPair,
    /// A latitude that can only be a longitude.
    Swapped,
    /// Degrees that there are not.
    BeyondDegrees,
}

impl Warning {
    /// Whether such a latitude and longitude exist.
    pub fn of_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        match (latitude.abs() <= 90.0, longitude.abs() <= 180.0) {
            (true, true) => None,
            (false, _) if latitude.abs() <= 180.0 && longitude.abs() <= 90.0 => Some(Self::Swapped),
            _ => Some(Self::BeyondDegrees),
        }
    }

    /// The sentence, in the words of the format that was sent.
    pub fn sentence(self, format: BodyFormat) -> String {
        let location = location(format);
        match self {
            Self::BareUrl => {
                "a bare text was stored as the url; production stores null for it, so send {\"url\": ...}".to_owned()
            }
            Self::BarePhone => {
                "a bare text was stored as the phone_number; production stores null for it, so send {\"phone_number\": ...}".to_owned()
            }
            Self::NoMember(names) => format!(
                "no member of the object could be read, so an empty one was stored, as production does; its members are the texts {}",
                names.join(" and ")
            ),
            Self::MissingWord => format!(
                "a word for a missing value was stored as the human_address; {}",
                if format.is_json() { "send null" } else { "leave it empty" }
            ),
            Self::PartDropped => format!(
                "a part of the location could not be read and was dropped, as production does; {location}"
            ),
            Self::AllDropped => format!(
                "no part of the location could be read, so an empty one was stored, as production does; {location}"
            ),
            Self::GeoJsonLocation => format!(
                "a location is no GeoJSON, so an empty one was stored, as production does; {location} (a column of type point takes GeoJSON)"
            ),
            Self::EmptyLocation => format!("an empty text was stored as null; {}", no_value(format)),
            Self::NotGeocoded => format!(
                "not geocoded: the text was stored as human_address without latitude and longitude, which production would look up; {location}"
            ),
            Self::NotGeocodedWkt => format!(
                "not geocoded: WKT in a location column was stored as human_address; {location} (a column of type point takes WKT)"
            ),
            Self::WktPair => format!(
                "the numbers of WKT with a comma between them were stored as latitude and longitude, and its word as the address; {location} (a column of type point takes WKT, longitude first and a blank between)"
            ),
            Self::NotGeocodedPair => format!(
                "not geocoded: a pair without brackets was stored as human_address; {location}"
            ),
            Self::Swapped => {
                "the latitude is beyond 90 degrees, latitude and longitude seem swapped: GeoJSON and WKT have the longitude first, (latitude, longitude) the latitude".to_owned()
            }
            Self::BeyondDegrees => {
                "there are no such degrees: latitudes go from -90 to 90, longitudes from -180 to 180 (WGS 84, not metres)".to_owned()
            }
        }
    }
}

/// How a location is written.
fn location(format: BodyFormat) -> &'static str {
    if format.is_json() {
        "send {\"latitude\": 47.6, \"longitude\": -122.3, \"human_address\": ...} or \"address (47.6, -122.3)\""
    } else {
        "write (47.6, -122.3), latitude first, behind the address if there is one"
    }
}

fn no_value(format: BodyFormat) -> &'static str {
    match format {
        BodyFormat::Json | BodyFormat::GeoJson => "send null for no location",
        BodyFormat::Csv | BodyFormat::Tsv => "leave the cell empty for no location",
        BodyFormat::Form => "leave the value empty for no location",
    }
}
