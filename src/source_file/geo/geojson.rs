//! GeoJSON (RFC 7946): the features of a collection, or one.

use super::super::bounds::Bounds;
use super::super::error::{FileError, FileErrorKey};
use super::super::kind::FileKind;
use super::super::sniff;
use super::super::text::read;
use super::geometry::{Geometry, named};
use super::places::{Feature, Features, Member};
use crate::codec::GeoJsonFeatures;
use crate::soda::{ErrorCode, SodaError};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{Read, Seek, SeekFrom};

const PIECE: usize = 64 * 1024;

/// The features of a text.
pub(in super::super) struct GeoJson<R> {
    bytes: R,
    bounds: Bounds,
    features: GeoJsonFeatures,
    piece: Vec<u8>,
    ended: bool,
    number: u64,
}

impl<R: Read + Seek> GeoJson<R> {
    pub(in super::super) fn new(mut bytes: R, bounds: &Bounds) -> Result<Self, FileError> {
        let head = sniff::head(&mut bytes)?;
        let first = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
        if !first.starts_with(b"{") {
            return Err(sniff::mislabelled(FileKind::GeoJson, &head));
        }
        let features = GeoJsonFeatures::new(bounds.row, &bounds.room);
        Ok(Self { bytes, bounds: bounds.clone(), features, piece: vec![0; PIECE], ended: false, number: 0 })
    }

    /// Refuses coordinates of another system than WGS 84, which older files name.
    fn check_system(&self) -> Result<(), FileError> {
        let Some(system) = self.features.coordinate_system() else { return Ok(()) };
        let wgs84 = ["CRS84", "EPSG::4326", "EPSG:4326", "OGC:1.3:CRS84", "EPSG::4269", "EPSG:4269"];
        if system.trim() == "null" || wgs84.iter().any(|name| system.contains(name)) {
            return Ok(());
        }
        let shown: String = system.chars().take(200).collect();
        Err(FileError::new(
            FileErrorKey::UnsupportedProjection,
            format!("The file's coordinates are not those of WGS 84, but of {shown}"),
            "Make it anew with longitudes and latitudes (EPSG:4326), as RFC 7946 demands.",
        ))
    }
}

/// What the decoder of uploads says of the text, as a refusal of the file.
fn refusal(error: &SodaError) -> FileError {
    let key = match error.code {
        ErrorCode::BodyTooLarge | ErrorCode::Unavailable => FileErrorKey::RowTooLong,
        _ => FileErrorKey::UnparsableFile,
    };
    let message = error.message.replace("The json request body is", "its JSON is");
    let why = error.hint.as_ref().map(ToString::to_string).unwrap_or_default();
    let why = why.trim_end_matches("Nothing was stored.").trim_end();
    FileError::new(
        key,
        format!("The file is no GeoJSON that can be read: {message}. {why}").trim_end().to_owned(),
        "Look at its Content-Type, and whether all of its bytes were sent.",
    )
}

impl<R: Read + Seek + Send> Features for GeoJson<R> {
    fn next(&mut self) -> Result<Option<Feature>, FileError> {
        loop {
            if let Some(text) = self.features.next_feature() {
                let feature = feature(text).map_err(|why| not_read(self.number, &why))?;
                self.number += 1;
                return Ok(Some(feature));
            }
            if self.ended {
                self.check_system()?;
                return Ok(None);
            }
            let length = read(&mut self.bytes, &mut self.piece).map_err(FileError::unreadable)?;
            if length > 0 {
                self.features.feed(&self.piece[..length]).map_err(|error| refusal(&error))?;
            } else {
                self.ended = true;
                self.features.finish().map_err(|error| refusal(&error))?;
            }
        }
    }

    fn restart(&mut self) -> Result<(), FileError> {
        self.bytes.seek(SeekFrom::Start(0)).map_err(FileError::unreadable)?;
        self.features = GeoJsonFeatures::new(self.bounds.row, &self.bounds.room);
        (self.ended, self.number) = (false, 0);
        Ok(())
    }
}

fn not_read(number: u64, why: &str) -> FileError {
    FileError::unparsable(
        format!("Feature {number} (counted from 0) cannot be read: {why}"),
        "A feature is {\"type\":\"Feature\",\"properties\":{...},\"geometry\":{\"type\":\"Point\",\"coordinates\":[longitude,latitude]}}.",
    )
}

/// The members of an object in their order, as they are written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Self)
    }
}

#[derive(Deserialize)]
struct RawFeature<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    properties: Option<Members<'a>>,
    #[serde(borrow, default)]
    geometry: Option<RawGeometry<'a>>,
}

#[derive(Deserialize)]
struct RawGeometry<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    coordinates: Option<&'a RawValue>,
}

/// A feature from its text; otherwise why it is none.
fn feature(text: &str) -> Result<Feature, String> {
    let raw: RawFeature<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if raw.kind != "Feature" {
        return Err(format!("its type is {:?}", raw.kind));
    }
    let geometry = match raw.geometry {
        None => None,
        Some(geometry) => Some(self::geometry(&geometry)?),
    };
    let members = raw.properties.map_or_else(Vec::new, |members| members.0);
    let members: Result<_, serde_json::Error> =
        members.into_iter().map(|(name, value)| Ok((name, member(value.get())?))).collect();
    Ok(Feature { members: members.map_err(|error| error.to_string())?, geometry })
}

fn geometry(raw: &RawGeometry<'_>) -> Result<Geometry, String> {
    let soql_type =
        named(&raw.kind).ok_or_else(|| format!("geometries of type {:?} are not read", raw.kind))?;
    let coordinates = raw.coordinates.ok_or("its geometry has no coordinates")?;
    Ok(Geometry { soql_type, coordinates: coordinates.get().to_owned() })
}

/// A value; objects and arrays are kept as texts.
fn member(text: &str) -> Result<Member, serde_json::Error> {
    Ok(match text.as_bytes().first() {
        Some(b'n') | None => Member::Null,
        Some(b't') => Member::Boolean(true),
        Some(b'f') => Member::Boolean(false),
        Some(b'"') => Member::Text(serde_json::from_str(text)?),
        Some(b'{' | b'[') => Member::Text(text.to_owned()),
        Some(_) => Member::Number(text.to_owned()),
    })
}
