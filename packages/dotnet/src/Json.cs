using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace SodaMock
{
    /// <summary>JSON as the framework reads it: an object is an element with one element for each member, a list one
    /// with elements `item`, null one with the attribute type="null".</summary>
    static class Json
    {
        public static XElement Parse(string text)
        {
            var quotas = XmlDictionaryReaderQuotas.Max;
            using (var reader = JsonReaderWriterFactory.CreateJsonReader(Encoding.UTF8.GetBytes(text), quotas))
                return XElement.Load(reader);
        }

        /// <summary>The text of a member that is there and not null.</summary>
        public static string Text(this XElement element, string member)
        {
            var found = element.Element(member);
            return found == null || (string)found.Attribute("type") == "null" ? null : found.Value;
        }

        /// <summary>A member that is an object.</summary>
        public static XElement Object(this XElement element, string member)
        {
            var found = element.Element(member);
            return found != null && (string)found.Attribute("type") == "object" ? found : null;
        }
    }
}
